import { managedPolicies, trustPolicy, type Trust } from './trust-policy.ts';

/** The role as the AWS CLI makes it; the last command prints what Mooring asks for. */
export const commandLines = (trust: Trust): string => `\
ROLE=mooring
ACCESS=${managedPolicies[0]}   # or ${managedPolicies[1]}
aws iam create-role --role-name "$ROLE" --assume-role-policy-document '${trustPolicy(trust)}'
aws iam attach-role-policy --role-name "$ROLE" --policy-arn "arn:${trust.partition}:iam::aws:policy/$ACCESS"
aws iam get-role --role-name "$ROLE" --query Role.Arn --output text
`;
