"""The relay as it is served: a process of its own, PostgreSQL under it, replicas that talk to it by the real client."""
