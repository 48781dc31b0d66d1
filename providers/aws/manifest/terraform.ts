import { managedPolicies, principalOf, type Trust } from './trust-policy.ts';

/** The role as Terraform (or OpenTofu) makes it. */
export const terraform = (trust: Trust): string => `\
variable "mooring_access" {
  type    = string
  default = "${managedPolicies[0]}" # or "${managedPolicies[1]}"
}

resource "aws_iam_role" "mooring" {
  name_prefix = "mooring-"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "${principalOf(trust)}" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "sts:ExternalId" = "${trust.externalId}" } }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "mooring" {
  role       = aws_iam_role.mooring.name
  policy_arn = "arn:${trust.partition}:iam::aws:policy/\${var.mooring_access}"
}

output "mooring_role_arn" {
  value = aws_iam_role.mooring.arn
}
`;
