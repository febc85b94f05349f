"""Work that a person has asked for, from the request to its end: on SQS and Celery, with its state in S3.

Read in this order: `dispatch` accepts a request, `release` sends its message, `lifecycle` runs it in a worker,
`failure` ends it when it fails for good, `sweep` finishes what a crash has left. `service` puts them together.

    task          one piece of work, such as the review of a section; its id is made of what is asked
    record        celery-results/<task_id>.json, the one truth about a task's state (`results`)
    generation    1, and one more each time a failed or cancelled task is run again
    entry         an object in the outbox: the task was accepted, or also released, and has not ended (`outbox`)
    release       sending the message of an accepted task; of each user only a few are in SQS at a time
    message       what SQS carries: ids, never text; signed
    delivery      one receive of a message by a worker; SQS may deliver a message more than once
    holder        the delivery, and its worker, that has a task in hand
    attempt       one call of a model, claimed before it is made (`attempts`)
    hand back     put a task on its queue again, to wait for capacity: costs neither an attempt nor a retry
    dead letter   what operators see of a task that failed for good (`letter`, `dead_letters`)
    archive       where a dead letter goes with the verdict of whoever has dealt with it
    run           an operator's order for many dead letters: replay, delete, purge or restore (`letter_run`)
    sweep         what happens once a minute, whichever worker does it
"""
