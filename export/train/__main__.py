"""`python -m export.train`: the training loop of train.py."""
from export.train.train import main

if __name__ == '__main__':
    main()
