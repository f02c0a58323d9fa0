"""From a checkpoint to the files of models/, and proof that they compute the same."""
