"""Tables of accuracies and searches for hyperparameters, in parallel and resumable."""
