"""What other machines of the practice ask of this one. No session: each request is signed by a transport key (docs/format/exchange.md)."""
