"""The input of `masthead grade`: responses that were gathered elsewhere, recognised and cut into pieces."""
