"""The countries that the atlas asks about, and the region of the world that each is in."""

from __future__ import annotations

__all__ = ["CONTINENT_OF", "COUNTRIES", "REGION_OF"]

# CLDR's territory containment, which follows UN M49; Babel does not bring it. Only the members of
# the United Nations, as CLDR groups them, are asked about: so nothing turns on what a country is.
_REGIONS: dict[str, dict[str, str]] = {
    "002": {
        "011": "BF BJ CI CV GH GM GN GW LR ML MR NE NG SL SN TG",
        "014": "BI DJ ER ET KE KM MG MU MW MZ RW SC SO SS TZ UG ZM ZW",
        "015": "DZ EG LY MA SD TN",
        "017": "AO CD CF CG CM GA GQ ST TD",
        "018": "BW LS NA SZ ZA",
    },
    "009": {
        "053": "AU NZ",
        "054": "FJ PG SB VU",
        "057": "FM KI MH NR PW",
        "061": "TO TV WS",
    },
    "019": {
        "005": "AR BO BR CL CO EC GY PE PY SR UY VE",
        "013": "BZ CR GT HN MX NI PA SV",
        "021": "CA US",
        "029": "AG BB BS CU DM DO GD HT JM KN LC TT VC",
    },
    "142": {
        "030": "CN JP KP KR MN",
        "034": "AF BD BT IN IR LK MV NP PK",
        "035": "BN ID KH LA MM MY PH SG TH TL VN",
        "143": "KG KZ TJ TM UZ",
        "145": "AE AM AZ BH CY GE IL IQ JO KW LB OM QA SA SY TR YE",
    },
    "150": {
        "039": "AD AL BA ES GR HR IT ME MK MT PT RS SI SM",
        "151": "BG BY CZ HU MD PL RO RU SK UA",
        "154": "DK EE FI GB IE IS LT LV NO SE",
        "155": "AT BE CH DE FR LI LU MC NL",
    },
}

#: Region of each country: codes of UN M49 and of ISO 3166.
REGION_OF: dict[str, str] = {
    country: region
    for regions in _REGIONS.values()
    for region, countries in regions.items()
    for country in countries.split()
}
#: Continent of each region.
CONTINENT_OF: dict[str, str] = {
    region: continent for continent, regions in _REGIONS.items() for region in regions
}
#: All countries in the order of their codes; an item's id is its country's place here.
COUNTRIES: tuple[str, ...] = tuple(sorted(REGION_OF))
