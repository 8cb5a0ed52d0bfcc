"""Who is to blame: winners of a lesson, and the lesson of the layer below."""
