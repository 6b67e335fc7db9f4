"""Requirements to and from the tools in which others keep them: Excel and ReqIF."""

from covolt.programme.requirement_files.excel import read_excel, write_excel
from covolt.programme.requirement_files.reqif import read_reqif
from covolt.programme.requirement_files.reqif_written import write_reqif
from covolt.programme.requirement_files.rows import Row, Rows, rows_of
from covolt.programme.requirement_files.taking import Imported, take_in

__all__ = ["Imported", "Row", "Rows", "read_excel", "read_reqif", "rows_of", "take_in", "write_excel", "write_reqif"]
