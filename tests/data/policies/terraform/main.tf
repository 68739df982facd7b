terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
provider "aws" {
  region                      = "us-west-2"
  access_key                  = "EXAMPLE"
  secret_key                  = "EXAMPLE"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}
variable "account" { default = "111122223333" }

resource "aws_iam_role" "app" {
  name               = "app"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ecs-tasks.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_kms_key" "default" {}

resource "aws_kms_key" "open" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "Root", Effect = "Allow", Principal = { AWS = "arn:aws:iam::${var.account}:root" }, Action = "kms:*", Resource = "*" },
      { Sid = "Anyone", Effect = "Allow", Principal = "*", Action = "kms:Decrypt", Resource = "*", Condition = { StringEquals = { "kms:ViaService" = "s3.us-west-2.amazonaws.com" } } },
    ]
  })
}

data "aws_iam_policy_document" "vault" {
  statement {
    sid       = "Root"
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${var.account}:root"]
    }
  }
  statement {
    sid       = "Use"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = [aws_iam_role.app.arn, "arn:aws:iam::444455556666:role/partner"]
    }
    condition {
      test     = "StringEquals"
      variable = "kms:EncryptionContext:tenant"
      values   = ["acme"]
    }
  }
}

resource "aws_kms_key" "vault" {}

resource "aws_kms_key_policy" "vault" {
  key_id = aws_kms_key.vault.id
  policy = data.aws_iam_policy_document.vault.json
}

resource "aws_kms_key" "encoded" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Principal = { AWS = aws_iam_role.app.arn }, Action = "kms:*", Resource = "*" },
    ]
  })
}

resource "aws_kms_key" "granted" {
  for_each = toset(["one", "two"])
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "Root", Effect = "Allow", Principal = { AWS = "arn:aws:iam::${var.account}:root" }, Action = "kms:*", Resource = "*" },
    ]
  })
}

resource "aws_kms_grant" "partner" {
  key_id            = aws_kms_key.granted["one"].key_id
  grantee_principal = "arn:aws:iam::444455556666:role/partner"
  operations        = ["Decrypt"]
  constraints {
    encryption_context_equals = { tenant = "acme" }
  }
}
