"""Looking at the machine and measuring it: what is not needed for coaching."""
