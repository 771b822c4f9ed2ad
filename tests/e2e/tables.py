#!/usr/bin/python3
"""tables.py LIST.jsonl: the duty list as tables, in the current folder: list and faulty as .csv and
.xlsx, and files that are no tables. Workbooks are written part by part, as programs other than ours do."""
import csv
import json
import sys
import zipfile
from xml.sax.saxutils import escape

HEADINGS = ["序号", "事项编码*", "事项名称", "类别", "实施机关", "所属职责", "设定依据（全文）", "统一社会信用代码",
            "办理时限"]
RELATION = ("<Relationship Id='%s' Target='%s' Type='http://schemas.openxmlformats.org/"
            "officeDocument/2006/relationships/%s'/>")


def cells(number, row):
    return [str(number), row["code"], row["name"], row["category"], row["agency"], row["catalog_group"],
            row["basis"], row["agency_code"], row["legal_limit"]]


def table(rows):
    return [HEADINGS] + [cells(i + 1, row) for i, row in enumerate(rows)]


def write_csv(path, lines, encoding="utf-8-sig"):
    with open(path, "w", newline="", encoding=encoding) as file:
        csv.writer(file).writerows(lines)


def write_xlsx(path, *sheets, head=""):
    """Each sheet: name, rows, and "hidden" or nothing. Shared strings for texts, numbers for 序号."""
    texts, parts = [], []
    for _, lines, *_ in sheets:
        rows = []
        for number, line in enumerate(lines, 1):
            row = ""
            for text in line:
                if text.isdigit() and len(text) < 10:
                    row += f"<c><v>{text}</v></c>"
                else:
                    row += f"<c t='s'><v>{len(texts)}</v></c>"
                    texts.append(text)
            rows.append(f"<row r='{number}'>{row}</row>")
        parts.append(f"{head}<worksheet><sheetData>{''.join(rows)}</sheetData></worksheet>")
    named = "".join(f"<sheet name='{name}' r:id='s{i}'" + "".join(f" state='{s}'" for s in state) + "/>"
                    for i, (name, _, *state) in enumerate(sheets))
    relations = "".join(RELATION % (f"s{i}", f"/xl/s{i}.xml", "worksheet") for i in range(len(sheets)))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_rels/.rels", "<R>" + RELATION % ("a", "xl/book.xml", "officeDocument") + "</R>")
        archive.writestr("xl/book.xml", f"<w xmlns:r='r'><sheets>{named}</sheets></w>")
        archive.writestr("xl/_rels/book.xml.rels", "<R>" + relations
                         + RELATION % ("t", "t.xml", "sharedStrings") + "</R>")
        archive.writestr("xl/t.xml", "<sst>" + "".join(f"<si><t>{escape(t)}</t></si>" for t in texts) + "</sst>")
        for i, part in enumerate(parts):
            archive.writestr(f"xl/s{i}.xml", part)


def main():
    rows = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
    good = table(rows)
    rows[1].update(category="行政服务", code="no spaces allowed", basis="")
    rows[3].update(agency_code="114400000069401674")
    for name, lines in ("list", good), ("faulty", table(rows)):
        write_csv(name + ".csv", lines)
        write_xlsx(name + ".xlsx", ("权责清单", lines))
    write_csv("gb18030.csv", good, "gb18030")
    write_csv("nothing.csv", [["甲", "乙"], ["1", "2"]])
    write_csv("twice.csv", [line + line[1:2] for line in good])
    write_xlsx("entity.xlsx", ("权责清单", good), head="<!DOCTYPE w [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>")
    write_xlsx("hidden.xlsx", ("封面", [["权责清单"]]), ("权责清单", good, "hidden"))
    write_xlsx("guide.xlsx", ("权责清单", good[:-1]), ("填写说明", [HEADINGS, good[-1]]))
    write_xlsx("aside.xlsx", ("甲", table([{**rows[3], "code": f"J-{i}"} for i in range(2)])), ("乙", good))
    open("old.xls", "wb").write(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504))
    whole = open("list.xlsx", "rb").read()
    open("cut.xlsx", "wb").write(whole[:len(whole) // 2])


if __name__ == "__main__":
    main()
