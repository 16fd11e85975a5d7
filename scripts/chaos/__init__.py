"""No acknowledged work is lost or doubled, whoever is killed meanwhile (docs/developing.md)."""
