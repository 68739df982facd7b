const { App, Stack, Duration, RemovalPolicy } = require('aws-cdk-lib');
const kms = require('aws-cdk-lib/aws-kms');
const iam = require('aws-cdk-lib/aws-iam');
const cloudtrail = require('aws-cdk-lib/aws-cloudtrail');
const app = new App({ analyticsReporting: false });
const stack = new Stack(app, 'Vault', { analyticsReporting: false });
const role = new iam.Role(stack, 'App', { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') });
const key = new kms.Key(stack, 'Key', { enableKeyRotation: true });
key.grantDecrypt(role);
const trail = new kms.Key(stack, 'TrailKey');
trail.addToResourcePolicy(new iam.PolicyStatement({
  sid: 'CloudTrail',
  principals: [new iam.ServicePrincipal('cloudtrail.amazonaws.com')],
  actions: ['kms:GenerateDataKey*'],
  resources: ['*'],
}));
const partner = new kms.Key(stack, 'PartnerKey');
partner.grantEncryptDecrypt(new iam.AccountPrincipal('444455556666'));
app.synth();
