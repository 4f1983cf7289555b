"""What must hold when the machine, the disk, the clock or somebody's hand goes wrong: on real folders, by real processes."""
