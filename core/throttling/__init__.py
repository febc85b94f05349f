"""The shared limits: one pure decision over one small document, and the stores that hold it.

    slot      a time at which one call may start: within all rates, quotas and the concurrency limit
    lease     the right to make one call; it holds a slot until it is settled or expires
    ticket    a lease on a slot too far ahead to wait for: its task went back to the queue, and a later delivery
              redeems it
    settle    the end of a lease: unused tokens go back, the real cost is charged, the outcome is recorded
    rank      where a lease stands among those that compete for concurrency
    probe     the one call that finds out whether a model answers again (half-open breaker, or after a cooldown)
    update    what this process has done and not yet written to the shared document; written in batches
    window    any period of `window_s` seconds; padded, because clocks differ and the service stamps calls later

`limiter` is the entry point. `decision` decides, with `constraints`, `windows` and `health`; `state` is the document;
`store` and `host_file` keep it; `updates`, `pending`, `batch`, `slot_reuse` and `flushing` save writes;
`slot_waiting` waits for slots.
"""
