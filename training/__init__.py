"""How the small models that ship were made: scenes with captions, a CLIP that reads them, a VQGAN that draws them."""
