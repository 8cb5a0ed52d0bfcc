"""How gradients pass a sign, an estimator a file: of weights and of activations, behind one interface."""
