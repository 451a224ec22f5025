"""The smallest Textual app with a header, a table and a footer: what a first paint costs at the least."""

from textual.app import App, ComposeResult
from textual.widgets import DataTable, Footer, Header, Static


class BareApp(App[None]):
    """Paints once."""

    def compose(self) -> ComposeResult:
        """Composes what a plain app has."""
        yield Header()
        yield Static("first paint", markup=False)
        yield DataTable()
        yield Footer()


if __name__ == "__main__":
    BareApp().run()
