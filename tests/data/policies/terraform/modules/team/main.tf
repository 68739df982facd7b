variable "role" { type = string }
resource "aws_iam_role" "app" {
  name               = var.role
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ecs-tasks.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}
resource "aws_kms_key" "team" {
  count = 2
}
data "aws_iam_policy_document" "team" {
  statement {
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111122223333:root", aws_iam_role.app.arn]
    }
  }
}
resource "aws_kms_key_policy" "team" {
  count  = 2
  key_id = aws_kms_key.team[count.index].id
  policy = data.aws_iam_policy_document.team.json
}
