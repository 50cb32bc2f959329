"""The two networks: CLIP, which judges, and VQGAN, which draws. Their parameter names are the published ones."""
