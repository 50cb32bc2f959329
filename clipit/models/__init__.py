"""The networks: the VQGAN that draws, the CLIP that judges, the sketcher that gives drawings a start."""
