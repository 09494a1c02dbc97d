"""Where synthetic companies sell: real subdivisions with their people, languages and time zones."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Subdivision:
    """A state, province or county where leads live.

    Attributes
    ----------
    path : country / macro region / ISO 3166-2 code, such as ``US/West/US-CA``
    inhabitants : in millions
    latitude, longitude : degrees, about where most of its people live
    languages : share of the leads that ask for each language (ISO 639-1); sums to 1
    time_zone : IANA name
    calling_code : of the country, without the plus
    """

    path: str
    inhabitants: float
    latitude: float
    longitude: float
    languages: tuple[tuple[str, float], ...]
    time_zone: str
    calling_code: str


_CALLING_CODES = {
    "US": "1", "CA": "1", "MX": "52", "BR": "55", "GB": "44", "IE": "353", "DE": "49", "AT": "43",
    "CH": "41", "FR": "33", "NL": "31", "BE": "32", "ES": "34", "PT": "351", "IT": "39",
    "NO": "47", "SE": "46", "DK": "45", "FI": "358", "PL": "48", "IN": "91", "JP": "81",
    "SG": "65", "AU": "61", "NZ": "64", "CN": "86",
}  # fmt: skip

# country / macro region, time zone, languages with their shares (%); indented, per subdivision:
# ISO 3166-2 code without the country, millions of inhabitants, latitude, longitude.
_TABLE = """
US/West | America/Los_Angeles | en 93, es 7
    AK 0.7 61.2 -149.9, HI 1.4 21.3 -157.9, WA 7.8 47.4 -121.8, OR 4.2 44.9 -122.9,
    CA 39.0 36.0 -119.5, NV 3.2 36.6 -115.4, ID 2.0 43.6 -115.4, UT 3.4 40.6 -111.8,
    AZ 7.4 33.4 -111.9, NM 2.1 35.0 -106.5, CO 5.9 39.7 -104.9, WY 0.6 42.0 -105.5,
    MT 1.1 46.3 -111.5
US/Midwest | America/Chicago | en 96, es 4
    ND 0.8 47.0 -98.5, SD 0.9 43.7 -97.9, NE 2.0 41.1 -96.8, KS 2.9 38.5 -96.4, MN 5.7 45.0 -93.6,
    IA 3.2 41.9 -93.2, MO 6.2 38.5 -92.3, WI 5.9 43.6 -88.9, IL 12.5 41.5 -88.2, IN 6.9 39.9 -86.2,
    MI 10.0 42.7 -84.2, OH 11.8 40.3 -82.6
US/South | America/Chicago | en 91, es 9
    TX 30.5 30.9 -97.2, OK 4.1 35.4 -97.2, AR 3.1 34.9 -92.5, LA 4.6 30.4 -91.3, MS 2.9 32.5 -89.8,
    AL 5.1 33.2 -86.8, TN 7.1 35.8 -86.5, KY 4.5 37.9 -85.4, GA 11.0 33.4 -83.9, FL 22.6 27.9 -81.7,
    SC 5.4 33.9 -80.9, NC 10.8 35.6 -79.4, VA 8.7 37.7 -77.8, WV 1.8 38.7 -80.9, MD 6.2 39.1 -76.8,
    DC 0.7 38.9 -77.0, DE 1.0 39.4 -75.6
US/Northeast | America/New_York | en 95, es 5
    PA 13.0 40.4 -76.9, NJ 9.3 40.4 -74.4, NY 19.6 41.3 -74.5, CT 3.6 41.5 -72.8, RI 1.1 41.8 -71.4,
    MA 7.0 42.3 -71.5, VT 0.6 44.2 -72.8, NH 1.4 43.0 -71.5, ME 1.4 44.1 -69.8
CA/West | America/Vancouver | en 97, fr 3
    BC 5.5 49.3 -122.6, AB 4.7 52.2 -113.8, SK 1.2 51.4 -106.0, MB 1.4 49.9 -97.4
CA/Ontario | America/Toronto | en 95, fr 5
    ON 15.6 43.9 -79.6
CA/Quebec | America/Toronto | fr 80, en 20
    QC 8.9 45.8 -73.0
CA/Atlantic | America/Halifax | en 85, fr 15
    NB 0.8 46.0 -65.9, NS 1.1 44.7 -63.6, PE 0.2 46.3 -63.1, NL 0.5 47.6 -52.8
MX/North | America/Monterrey | es 90, en 10
    BCN 3.8 32.4 -116.6, SON 2.9 29.5 -110.7, CHH 3.7 29.6 -106.2, COA 3.1 26.4 -101.6,
    NLE 5.8 25.7 -100.3, TAM 3.5 24.4 -98.5
MX/Centre | America/Mexico_City | es 94, en 6
    JAL 8.3 20.6 -103.4, GUA 6.2 20.9 -101.2, QUE 2.4 20.6 -100.3, CMX 9.2 19.4 -99.1,
    MEX 17.0 19.4 -99.5, PUE 6.6 19.0 -98.1
MX/South | America/Merida | es 94, en 6
    VER 8.1 19.2 -96.5, OAX 4.1 17.0 -96.6, TAB 2.4 17.9 -92.9, CHP 5.5 16.6 -92.6,
    YUC 2.3 20.8 -89.5, ROO 1.9 20.9 -87.0
BR/Southeast | America/Sao_Paulo | pt 95, en 5
    SP 44.4 -23.3 -46.9, RJ 16.1 -22.8 -43.3, MG 20.5 -19.7 -44.1, ES 3.8 -20.2 -40.3
BR/South | America/Sao_Paulo | pt 96, en 4
    PR 11.4 -24.9 -51.0, SC 7.6 -27.1 -49.5, RS 10.9 -29.7 -51.7
BR/Northeast | America/Recife | pt 97, en 3
    BA 14.1 -12.9 -39.0, PE 9.1 -8.1 -35.2, CE 8.8 -4.0 -38.7, MA 6.8 -3.2 -44.6, PB 4.0 -7.1 -35.5,
    RN 3.3 -5.7 -35.6, AL 3.1 -9.6 -35.9, PI 3.3 -5.5 -42.6, SE 2.2 -10.9 -37.2
BR/Inland | America/Cuiaba | pt 97, en 3
    GO 7.1 -16.6 -49.3, DF 2.8 -15.8 -47.9, MT 3.7 -14.5 -55.5, MS 2.8 -20.9 -54.6,
    PA 8.1 -1.9 -48.7, AM 3.9 -3.1 -60.0, RO 1.6 -9.9 -62.6, TO 1.5 -9.2 -48.4, AC 0.8 -9.9 -68.0,
    AP 0.7 0.1 -51.1, RR 0.6 2.8 -60.7
GB/South | Europe/London | en 100
    LND 9.0 51.5 -0.1, KEN 1.6 51.2 0.7, SRY 1.2 51.3 -0.4, HAM 1.4 51.1 -1.3, OXF 0.7 51.8 -1.3,
    CAM 0.7 52.3 0.1, ESS 1.5 51.8 0.6, BST 0.5 51.5 -2.6, DEV 0.8 50.7 -3.8
GB/Midlands | Europe/London | en 100
    BIR 2.9 52.5 -1.9, COV 0.4 52.4 -1.5, NGM 0.7 53.0 -1.1, LCE 0.5 52.6 -1.1, DBY 0.8 53.1 -1.6,
    STS 1.1 52.9 -2.0
GB/North | Europe/London | en 100
    MAN 2.8 53.5 -2.2, LIV 1.4 53.4 -2.9, LDS 2.3 53.8 -1.6, SHF 1.4 53.4 -1.5, NYK 0.6 54.2 -1.4,
    NET 1.1 55.0 -1.6
GB/Scotland | Europe/London | en 100
    EDH 0.9 55.9 -3.2, GLG 1.8 55.9 -4.3, ABE 0.5 57.1 -2.1
GB/Wales | Europe/London | en 100
    CRF 1.1 51.5 -3.2, SWA 0.7 51.6 -3.9
GB/Northern-Ireland | Europe/London | en 100
    BFS 0.7 54.6 -5.9
IE/Leinster | Europe/Dublin | en 100
    D 1.5 53.3 -6.3, KE 0.2 53.2 -6.8
IE/Munster | Europe/Dublin | en 100
    CO 0.6 51.9 -8.5, LK 0.2 52.6 -8.7, WD 0.1 52.2 -7.3
IE/Connacht | Europe/Dublin | en 100
    G 0.3 53.3 -8.9
DE/North | Europe/Berlin | de 92, en 8
    SH 3.0 54.2 9.8, HH 1.9 53.6 10.0, HB 0.7 53.1 8.8, NI 8.1 52.6 9.5, MV 1.6 53.8 12.2
DE/East | Europe/Berlin | de 88, en 12
    BE 3.8 52.5 13.4, BB 2.6 52.4 13.3, ST 2.2 51.9 11.7, SN 4.1 51.1 13.1, TH 2.1 50.9 11.2
DE/West | Europe/Berlin | de 92, en 8
    NW 18.1 51.4 7.1, HE 6.4 50.3 8.7, RP 4.2 49.8 7.6, SL 1.0 49.3 7.0
DE/South | Europe/Berlin | de 92, en 8
    BW 11.3 48.7 9.0, BY 13.4 48.5 11.6
AT/East | Europe/Vienna | de 93, en 7
    9 2.0 48.2 16.4, 3 1.7 48.3 15.7, 1 0.3 47.6 16.4
AT/South | Europe/Vienna | de 94, en 6
    6 1.3 47.1 15.4, 2 0.6 46.7 14.1
AT/West | Europe/Vienna | de 94, en 6
    4 1.5 48.2 14.1, 5 0.6 47.6 13.1, 7 0.8 47.3 11.4, 8 0.4 47.4 9.7
CH/German | Europe/Zurich | de 88, en 12
    ZH 1.6 47.4 8.6, BE 1.1 46.9 7.5, LU 0.4 47.1 8.2, AG 0.7 47.4 8.1, BS 0.2 47.6 7.6,
    SG 0.5 47.4 9.3, ZG 0.1 47.2 8.5
CH/Romandy | Europe/Zurich | fr 80, en 20
    GE 0.5 46.2 6.1, VD 0.8 46.6 6.6, FR 0.3 46.8 7.1, NE 0.2 47.0 6.9
CH/Ticino | Europe/Zurich | it 80, en 20
    TI 0.4 46.1 8.9
FR/North | Europe/Paris | fr 92, en 8
    IDF 12.3 48.8 2.4, HDF 6.0 50.2 2.8, NOR 3.3 49.2 0.3
FR/West | Europe/Paris | fr 95, en 5
    BRE 3.4 48.1 -2.8, PDL 3.9 47.4 -0.9, CVL 2.6 47.6 1.6, NAQ 6.0 45.1 0.2
FR/East | Europe/Paris | fr 94, en 6
    GES 5.6 48.7 5.9, BFC 2.8 47.2 5.0, ARA 8.1 45.5 4.9
FR/South | Europe/Paris | fr 94, en 6
    OCC 6.1 43.7 2.3, PAC 5.1 43.5 5.9
NL/Randstad | Europe/Amsterdam | nl 75, en 25
    NH 2.9 52.5 4.9, ZH 3.8 52.0 4.5, UT 1.4 52.1 5.2, FL 0.4 52.5 5.6
NL/North-East | Europe/Amsterdam | nl 85, en 15
    GR 0.6 53.2 6.6, FR 0.7 53.1 5.8, DR 0.5 52.9 6.6, OV 1.2 52.4 6.5, GE 2.1 52.0 5.9
NL/South | Europe/Amsterdam | nl 80, en 20
    NB 2.6 51.6 5.2, LI 1.1 51.2 5.9, ZE 0.4 51.5 3.8
BE/Flanders | Europe/Brussels | nl 80, en 20
    VAN 1.9 51.2 4.5, VOV 1.6 51.0 3.8, VBR 1.2 50.9 4.6, VWV 1.2 51.0 3.1
BE/Brussels | Europe/Brussels | fr 50, nl 20, en 30
    BRU 1.2 50.8 4.4
BE/Wallonia | Europe/Brussels | fr 88, en 12
    WLG 1.1 50.6 5.6, WHT 1.4 50.5 4.0, WNA 0.5 50.4 4.9
ES/North | Europe/Madrid | es 92, en 8
    GA 2.7 42.8 -8.3, AS 1.0 43.4 -5.9, CB 0.6 43.4 -3.9, PV 2.2 43.1 -2.7, NC 0.7 42.7 -1.6,
    AR 1.4 41.6 -0.9
ES/Centre | Europe/Madrid | es 90, en 10
    MD 7.0 40.4 -3.7, CL 2.4 41.7 -4.7, CM 2.1 39.4 -3.2
ES/East | Europe/Madrid | es 88, en 12
    CT 8.0 41.5 2.0, VC 5.3 39.3 -0.5, IB 1.2 39.6 2.9, MC 1.6 37.9 -1.2
ES/South | Europe/Madrid | es 92, en 8
    AN 8.6 37.3 -4.8, EX 1.1 39.1 -6.2
PT/North | Europe/Lisbon | pt 80, en 20
    13 1.8 41.2 -8.5, 03 0.9 41.5 -8.4, 01 0.7 40.7 -8.5
PT/South | Europe/Lisbon | pt 78, en 22
    11 2.3 38.8 -9.2, 15 0.9 38.5 -8.8, 08 0.5 37.1 -8.1
IT/North | Europe/Rome | it 90, en 10
    21 4.3 45.0 7.8, 25 10.0 45.5 9.4, 34 4.9 45.5 11.8, 36 1.2 45.9 13.3, 32 1.1 46.3 11.2,
    42 1.5 44.3 8.8, 45 4.5 44.5 11.1
IT/Centre | Europe/Rome | it 92, en 8
    52 3.7 43.6 11.2, 55 0.9 43.0 12.5, 57 1.5 43.5 13.2, 62 5.7 41.9 12.6, 65 1.3 42.3 13.9
IT/South | Europe/Rome | it 94, en 6
    72 5.6 40.9 14.4, 75 3.9 41.0 16.7, 78 1.8 38.9 16.4, 82 4.8 37.6 14.1, 88 1.6 40.0 9.0
NO/South | Europe/Oslo | no 62, en 38
    03 0.7 59.9 10.8, 11 0.5 59.0 5.8, 46 0.7 60.5 5.8, 34 0.4 60.9 10.8, 42 0.3 58.2 7.8
NO/North | Europe/Oslo | no 65, en 35
    50 0.5 63.5 10.6, 18 0.2 67.2 14.8
SE/South | Europe/Stockholm | sv 60, en 40
    AB 2.4 59.3 18.0, M 1.4 55.8 13.4, O 1.8 58.0 12.2, E 0.5 58.4 15.6, C 0.4 59.9 17.7
SE/North | Europe/Stockholm | sv 65, en 35
    AC 0.3 64.2 19.5, BD 0.2 66.0 21.9
DK/East | Europe/Copenhagen | da 60, en 40
    84 1.9 55.8 12.4, 85 0.9 55.4 11.8
DK/West | Europe/Copenhagen | da 65, en 35
    82 1.3 56.2 9.6, 83 1.2 55.4 9.6, 81 0.6 57.0 9.9
FI/South | Europe/Helsinki | fi 60, en 40
    18 1.7 60.3 24.9, 19 0.5 60.5 22.3, 11 0.5 61.5 23.8
FI/North | Europe/Helsinki | fi 66, en 34
    14 0.4 64.9 25.7, 10 0.2 66.7 26.0
PL/Centre | Europe/Warsaw | pl 85, en 15
    14 5.5 52.2 21.0, 10 2.4 51.7 19.4, 06 2.0 51.2 22.6
PL/South | Europe/Warsaw | pl 85, en 15
    24 4.4 50.3 19.0, 12 3.4 50.0 20.1, 02 2.9 51.1 16.9, 18 2.1 50.0 22.0
PL/North | Europe/Warsaw | pl 87, en 13
    22 2.4 54.3 18.4, 30 3.5 52.4 17.0, 32 1.7 53.5 15.1
IN/West | Asia/Kolkata | en 80, hi 20
    MH 125.0 19.1 74.0, GJ 71.0 22.7 72.0, GA 1.6 15.4 74.0, RJ 81.0 26.6 74.6
IN/North | Asia/Kolkata | en 60, hi 40
    DL 33.0 28.6 77.2, HR 30.0 29.1 76.3, PB 31.0 31.0 75.5, UP 236.0 27.1 80.4
IN/South | Asia/Kolkata | en 94, hi 6
    KA 68.0 13.4 76.7, TN 77.0 11.8 78.8, TS 38.0 17.6 78.7, AP 53.0 16.0 80.6, KL 36.0 10.1 76.5
IN/East | Asia/Kolkata | en 75, hi 25
    WB 99.0 23.1 88.1, OD 46.0 20.5 85.3, JH 39.0 23.5 85.6, AS 36.0 26.3 92.4
JP/East | Asia/Tokyo | ja 92, en 8
    13 14.1 35.7 139.6, 14 9.2 35.4 139.5, 11 7.3 35.9 139.5, 12 6.3 35.7 140.1, 04 2.3 38.3 140.9,
    01 5.1 43.2 141.6
JP/Centre | Asia/Tokyo | ja 94, en 6
    23 7.5 35.1 137.0, 22 3.6 34.9 138.3, 20 2.0 36.4 138.1
JP/West | Asia/Tokyo | ja 94, en 6
    27 8.8 34.6 135.5, 28 5.4 34.8 135.0, 26 2.5 35.0 135.7, 34 2.8 34.4 132.6, 40 5.1 33.6 130.5
SG/Island | Asia/Singapore | en 80, zh 20
    01 1.1 1.30 103.84, 02 1.4 1.38 103.89, 03 0.9 1.43 103.80, 04 0.7 1.34 103.95,
    05 1.2 1.33 103.72
AU/East | Australia/Sydney | en 100
    QLD 5.5 -27.1 152.7, NSW 8.4 -33.7 151.0, ACT 0.5 -35.3 149.1, VIC 6.9 -37.7 145.0,
    TAS 0.6 -42.4 147.2
AU/West | Australia/Perth | en 100
    WA 2.9 -32.0 116.0, SA 1.9 -34.8 138.6, NT 0.3 -12.6 131.0
NZ/North | Pacific/Auckland | en 100
    AUK 1.7 -36.9 174.8, WKO 0.5 -37.8 175.4, WGN 0.5 -41.2 174.9
NZ/South | Pacific/Auckland | en 100
    CAN 0.7 -43.5 172.4, OTA 0.3 -45.7 170.3
CN/North | Asia/Shanghai | zh 88, en 12
    BJ 21.9 39.9 116.4, TJ 13.7 39.1 117.3, SD 101.0 36.3 118.6, LN 42.0 41.4 122.9,
    SN 39.5 34.3 108.9
CN/East | Asia/Shanghai | zh 85, en 15
    SH 24.9 31.2 121.5, JS 85.2 32.2 119.6, ZJ 65.8 29.6 120.6
CN/South | Asia/Shanghai | zh 85, en 15
    GD 126.8 23.1 113.5, FJ 41.9 25.5 118.6, HB 58.4 30.7 113.6, SC 83.7 30.5 104.3,
    CQ 32.1 29.6 106.6
"""


@cache
def subdivisions() -> tuple[Subdivision, ...]:
    """Return every known subdivision, neighbours next to each other within a macro region."""
    blocks = re.split(r"\n(?=\S)", _TABLE.strip())
    return tuple(place for block in blocks for place in _read_macro_region(block))


def _read_macro_region(block: str) -> Iterator[Subdivision]:
    head, _, entries = block.partition("\n")
    macro_region, time_zone, languages = head.split(" | ")
    country = macro_region.partition("/")[0]
    shares = (item.split(" ") for item in languages.split(", "))
    language_shares = tuple((language, float(percent) / 100) for language, percent in shares)
    for entry in entries.split(","):
        code, inhabitants, latitude, longitude = entry.split()
        yield Subdivision(
            path=f"{macro_region}/{country}-{code}",
            inhabitants=float(inhabitants),
            latitude=float(latitude),
            longitude=float(longitude),
            languages=language_shares,
            time_zone=time_zone,
            calling_code=_CALLING_CODES[country],
        )
