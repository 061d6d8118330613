"""The workers as the window sees them: their messages become signals here and nowhere else."""
