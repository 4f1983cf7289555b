"""« Prêts pour une coupure »: who could come in, what lacks, a browser tied to every machine, exercises."""
