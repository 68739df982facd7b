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
module "team" {
  source   = "./team"
  for_each = { blue = "blue-app", green = "green-app" }
  role     = each.value
}
