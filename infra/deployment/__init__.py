"""infra/deploy: the stacks of one deployment, each shown as a change set before it is changed."""
