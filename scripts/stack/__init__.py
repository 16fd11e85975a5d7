"""What the scripts share that serve the site with gunicorn and fill it with people."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "b" * 32  # a CSRF secret is as good as its cookie says
