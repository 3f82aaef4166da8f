"""What an archive says about itself, in both languages whoever had it made, and how its trail is checked without us."""

README = """\
ARSIP INSTANSI / ARCHIVE OF A GOVERNMENT
{name} ({slug})
{made_at}

INDONESIA
Arsip ini memuat seluruh data instansi di atas pada satu saat yang sama.
- tables/       isi setiap tabel, satu baris JSON per baris data (NDJSON, UTF-8).
- files/        berkas yang tersimpan: data dukung (semua versi), berkas penilaian asli, logo.
- instruments/  instrumen penilaian yang digunakan.
- manifest.json jumlah baris, ukuran dan SHA-256 setiap isi, versi skema, serta pembuat arsip.
- verify_trail.py  memeriksa rantai jejak perubahan: python3 verify_trail.py
Kata sandi, kunci, dan alamat kalender pribadi tidak dimuat dalam bentuk apa pun.
Arsip ini memuat data pribadi (nama, alamat surel). Simpanlah di tempat yang aksesnya terbatas.
SPBE Tasks tidak menyediakan pemulihan dari arsip ini. Untuk memulihkan sistem, gunakan cadangan basis data.

ENGLISH
This archive holds everything of the government above as of one single moment.
- tables/       the rows of every table, one line of JSON for each (NDJSON, UTF-8).
- files/        the stored files: evidence (every version), originals of assessments, the logo.
- instruments/  the instruments it used.
- manifest.json rows, sizes and SHA-256 of everything in here, the version of the schema, who had it made.
- verify_trail.py  checks the chain of the trail of changes: python3 verify_trail.py
Passwords, keys and addresses of personal calendars are not in here in any form.
It holds personal data (names, mail addresses). Keep it where few people get at it.
SPBE Tasks offers no way to restore from it. To restore the system, use backups of the database.
"""

# Stands alone: Python 3.11 or newer and the unpacked archive are all it needs.
VERIFY = '''\
"""Recomputes the hash chain of the trail in tables/event.ndjson and compares it with manifest.json."""

import hashlib
import json
from datetime import datetime, timezone
from pathlib import Path

here = Path(__file__).parent
told = json.loads((here / "manifest.json").read_text(encoding="utf-8"))["trail"]
with (here / "tables" / "event.ndjson").open(encoding="utf-8") as lines:
    events = [json.loads(line) for line in lines]
sealed = sorted((e for e in events if e["chain_position"] is not None), key=lambda e: e["chain_position"])
seal = "0" * 64
for position, event in enumerate(sealed, start=1):
    at = datetime.fromisoformat(event["at"]).astimezone(timezone.utc).isoformat()
    content = [event["id"], event["government_id"], at, event["actor_id"]]
    content += [event["subject_type"], event["subject_id"], event["action"], event["data"]]
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    seal = hashlib.sha256(f"{seal}\\n{canonical}".encode()).hexdigest()
    if event["chain_position"] != position or event["chain_digest"] != seal:
        raise SystemExit(f"BROKEN at position {position}: this event is not what was sealed")
if (len(sealed), seal) != (told["sealed"], told["head"]):
    raise SystemExit("BROKEN: events are missing from the end of the chain")
print(f"INTACT: {len(sealed)} events, head {seal}; {len(events) - len(sealed)} not sealed yet")
'''
