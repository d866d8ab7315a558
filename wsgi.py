"""What a WSGI server of one's own choice serves; `trellis serve` brings its own."""

from app.factory import create_app

app = create_app()
