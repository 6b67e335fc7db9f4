"""Requirements to and from the tools in which others keep them: Excel and ReqIF."""

from covolt.programme.exchange.excel import read_excel, write_excel
from covolt.programme.exchange.reqif import read_reqif
from covolt.programme.exchange.reqif_written import write_reqif
from covolt.programme.exchange.rows import Row, Rows, rows_of
from covolt.programme.exchange.taking import Imported, take_in

__all__ = ["Imported", "Row", "Rows", "read_excel", "read_reqif", "rows_of", "take_in", "write_excel", "write_reqif"]
