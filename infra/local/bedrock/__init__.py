"""A Bedrock Runtime on this machine: an unmodified boto3 client talks to it, fixed rules answer in a model's place.

It holds callers to the service's own rules (ids, thinking, tool choice, schemas, end of life), so that a request
that works here is one the service takes. What answered is said in every answer, see `brains`.
"""
