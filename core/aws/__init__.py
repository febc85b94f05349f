"""The only room that talks to AWS: S3 (`object_store`), SQS (`sqs`) and Bedrock (`bedrock`), by boto3 clients.

Everything else gets an ObjectStore, SqsQueues or an Invoker as an argument. AWS's errors end here: callers see
Transient, Permanent or ModelCallError (`errors`). S3 is the product's only database: `update_json` and the
conditional writes below it are what keeps two processes from overwriting each other.
"""
