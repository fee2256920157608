"""The anomaly scorer of a rep tensor: SkeleMotion image, autoencoder, kernel density; measured beside the verdict."""
