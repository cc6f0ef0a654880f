"""An attack on the smoothed model, within the certificate's budget."""
