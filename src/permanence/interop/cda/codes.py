"""The identifiers by which CDA R2 documents of the French CI-SIS are recognised: sections, entries, code systems.

Sources: ANS CI-SIS "Modèles de contenus CDA" and "Volet de synthèse médicale" (2013, 1.4, 2022.01), IHE PCC, HL7 CCD.
"""

LOINC = "2.16.840.1.113883.6.1"
SNOMED_CT = "2.16.840.1.113883.6.96"
SNOMED_35 = "1.2.250.1.213.2.12"
CIM10 = "2.16.840.1.113883.6.3"
CISP2 = "2.16.840.1.113883.6.139"
CCAM = "1.2.250.1.215.300.1"
ATC = "2.16.840.1.113883.6.73"
CIS = "1.2.250.1.213.2.3.1"
CIP = "1.2.250.1.213.2.3.2"
UCD = "1.2.250.1.213.2.61"
MEDICABASE = "1.2.250.1.213.2.59"
DRUG_SYSTEMS = {"CIS": CIS, "CIP": CIP, "UCD": UCD, "ATC": ATC, "MV": MEDICABASE}
SYSTEM_NAMES = {
    LOINC: "LOINC",
    SNOMED_CT: "SNOMED CT",
    SNOMED_35: "SNOMED 3.5",
    CIM10: "CIM-10",
    CISP2: "CISP-2",
    CCAM: "CCAM",
    ATC: "ATC",
    CIS: "CIS",
    CIP: "CIP",
    UCD: "UCD",
    MEDICABASE: "MédicaBase",
}

VSM_TEMPLATE = "1.2.250.1.213.1.1.1.13"
VSM_CODES = {("SYNTH", "1.2.250.1.213.1.1.4.12"), ("60591-5", LOINC), ("SYNTH", "")}
DOCUMENT_KINDS = {
    "11502-2": "un compte rendu d’examens biologiques",
    "96173-0": "le résultat d’un test rapide d’orientation diagnostique",
    "18748-4": "un compte rendu d’imagerie médicale",
    "11490-0": "une lettre de liaison à la sortie d’un établissement",
    "18761-7": "une lettre de liaison",
    "57133-1": "une lettre d’adressage",
    "87273-9": "une note de vaccination",
    "11369-6": "un carnet de vaccination",
    "57833-6": "une prescription de produits de santé",
    "57832-8": "une demande d’examens",
    "60593-1": "une dispensation de médicaments",
    "34133-9": "un résumé de soins",
    "34112-3": "un compte rendu hospitalier",
    "11488-4": "un compte rendu de consultation",
    "18842-5": "un compte rendu de sortie",
    "55112-7": "un document de synthèse",
    "11506-3": "une note de suivi",
    "11504-8": "un compte rendu opératoire",
    "51851-4": "une note administrative",
    "11526-1": "un compte rendu d’anatomopathologie",
}

INS_NIR, INS_NIA, INS_TEST, INS_DEMO = (f"1.2.250.1.213.1.4.{n}" for n in (8, 9, 10, 11))
INS_OIDS = (INS_NIR, INS_NIA, INS_TEST, INS_DEMO)
INS_C = "1.2.250.1.213.1.4.2"
SOCIAL_SECURITY = "1.2.250.1.213.1.4.13"  # the NIR as social security number
PS_OID = "1.2.250.1.71.4.2.1"  # IDNPS: one digit for the kind of number, then the number
RPPS_DIRECT = "1.2.250.1.213.1.1.4.5"

# kind -> (LOINC codes, templates). The first kind that recognises a section wins.
SECTIONS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    kind: (frozenset(codes.split()), frozenset(templates.split()))
    for kind, codes, templates in (
        ("past", "11348-0", "1.3.6.1.4.1.19376.1.5.3.1.3.8 1.2.250.1.213.1.1.2.134"),
        (
            "problems",
            "11450-4 75326-9",
            "2.16.840.1.113883.10.20.1.11 1.3.6.1.4.1.19376.1.5.3.1.3.6 1.2.250.1.213.1.1.2.132",
        ),
        (
            "procedures",
            "47519-4 10167-5 67803-7 29554-3",
            "2.16.840.1.113883.10.20.1.12 1.3.6.1.4.1.19376.1.5.3.1.3.11 1.3.6.1.4.1.19376.1.5.3.1.3.12 "
            "1.2.250.1.213.1.1.2.136",
        ),
        (
            "allergies",
            "48765-2 10155-0",
            "2.16.840.1.113883.10.20.1.2 1.3.6.1.4.1.19376.1.5.3.1.3.13 1.2.250.1.213.1.1.2.137",
        ),
        (
            "lifestyle",
            "29762-2",
            "2.16.840.1.113883.10.20.1.15 1.3.6.1.4.1.19376.1.5.3.1.3.16 1.3.6.1.4.1.19376.1.5.3.1.3.16.1 "
            "1.2.250.1.213.1.1.2.141",
        ),
        ("work_risks", "10161-8", "1.3.6.1.4.1.19376.1.5.3.1.1.5.3.1 1.2.250.1.213.1.1.2.74"),
        (
            "family",
            "10157-6",
            "2.16.840.1.113883.10.20.1.4 1.3.6.1.4.1.19376.1.5.3.1.3.14 1.3.6.1.4.1.19376.1.5.3.1.3.15 "
            "1.2.250.1.213.1.1.2.139",
        ),
        (
            "treatments",
            "10160-0 10183-2 18610-6 42346-7 57828-6",
            "2.16.840.1.113883.10.20.1.8 1.3.6.1.4.1.19376.1.5.3.1.3.19 1.3.6.1.4.1.19376.1.5.3.1.3.20 "
            "1.3.6.1.4.1.19376.1.5.3.1.3.21 1.3.6.1.4.1.19376.1.5.3.1.3.22 1.2.250.1.213.1.1.2.143 "
            "1.2.250.1.213.1.1.2.145 1.2.250.1.213.1.1.2.146 1.2.250.1.213.1.1.2.171 1.3.6.1.4.1.19376.1.9.1.2.1",
        ),
        ("vaccinations", "11369-6", "2.16.840.1.113883.10.20.1.6 1.3.6.1.4.1.19376.1.5.3.1.3.23 1.2.250.1.213.1.1.2.147"),
        (
            "measures",
            "8716-3",
            "2.16.840.1.113883.10.20.1.16 1.3.6.1.4.1.19376.1.5.3.1.3.25 1.3.6.1.4.1.19376.1.5.3.1.1.5.3.2 "
            "1.2.250.1.213.1.1.2.75",
        ),
        ("pregnancy", "10162-6", "1.3.6.1.4.1.19376.1.5.3.1.1.5.3.4 1.2.250.1.213.1.1.2.77"),
        (
            "devices",
            "46264-8",
            "2.16.840.1.113883.10.20.1.7 2.16.840.1.11383.10.20.1.7 1.3.6.1.4.1.19376.1.5.3.1.1.5.3.5 "
            "1.2.250.1.213.1.1.2.1 1.2.250.1.213.1.1.2.222",
        ),
        (
            "results",
            "30954-2 26436-6 59776-5",
            "2.16.840.1.113883.10.20.1.14 1.3.6.1.4.1.19376.1.5.3.1.3.27 1.3.6.1.4.1.19376.1.5.3.1.3.28 "
            "1.2.250.1.213.1.1.2.150 1.2.250.1.213.1.1.2.151 1.3.6.1.4.1.19376.1.3.3.2.1 1.3.6.1.4.1.19376.1.3.3.2.2 "
            "1.2.250.1.213.1.1.2.70 1.2.250.1.213.1.1.2.71",
        ),
        ("long_treatments", "", "1.2.250.1.213.1.1.2.32"),
        (
            "plan",
            "18776-5 61146-7",
            "2.16.840.1.113883.10.20.1.10 1.3.6.1.4.1.19376.1.5.3.1.3.36 1.3.6.1.4.1.19376.1.5.3.1.3.31 "
            "1.2.250.1.213.1.1.2.158",
        ),
        ("risks", "57207-3 46467-7", "1.2.250.1.213.1.1.2.31"),
        ("synthesis", "46612-8", "1.2.250.1.213.1.1.2.29"),
        ("history", "34117-2", "1.2.250.1.213.1.1.2.30"),
        ("comment", "55112-7 48767-8", "1.2.250.1.213.1.1.2.73"),
        ("copy", "55108-5 55107-7", "1.2.250.1.213.1.1.2.243 1.2.250.1.213.1.1.2.37"),
    )
}

PROBLEM_CONCERN = {"1.3.6.1.4.1.19376.1.5.3.1.4.5.2", "1.2.250.1.213.1.1.3.39"}
ALLERGY_CONCERN = {"1.3.6.1.4.1.19376.1.5.3.1.4.5.3", "1.2.250.1.213.1.1.3.40"}
PROBLEM = {"2.16.840.1.113883.10.20.1.28", "1.3.6.1.4.1.19376.1.5.3.1.4.5", "1.2.250.1.213.1.1.3.37"}
ALLERGY = {"2.16.840.1.113883.10.20.1.18", "1.3.6.1.4.1.19376.1.5.3.1.4.6", "1.2.250.1.213.1.1.3.41"}
FAMILY = {"2.16.840.1.113883.10.20.1.23", "1.3.6.1.4.1.19376.1.5.3.1.4.15", "1.2.250.1.213.1.1.3.59"}
VACCINATION = {"1.3.6.1.4.1.19376.1.5.3.1.4.12", "1.2.250.1.213.1.1.3.45"}
TREATMENT = {"1.3.6.1.4.1.19376.1.5.3.1.4.7", "1.2.250.1.213.1.1.3.42", "1.2.250.1.213.1.1.3.83"}
VITAL_SIGN = {"1.3.6.1.4.1.19376.1.5.3.1.4.13.2", "1.2.250.1.213.1.1.3.50", "2.16.840.1.113883.10.20.1.31"}
LIFESTYLE = {"2.16.840.1.113883.10.20.1.33", "1.3.6.1.4.1.19376.1.5.3.1.4.13.4", "1.2.250.1.213.1.1.3.52"}
PREGNANCY = {"1.3.6.1.4.1.19376.1.5.3.1.4.13.5", "1.2.250.1.213.1.1.3.53"}
LAB_REPORT = {"1.3.6.1.4.1.19376.1.3.1", "1.2.250.1.213.1.1.3.21"}
LAB_RESULT = {"1.3.6.1.4.1.19376.1.3.1.6", "1.2.250.1.213.1.1.3.80"}
STATUS = {
    "2.16.840.1.113883.10.20.1.50",
    "2.16.840.1.113883.10.20.1.57",
    "1.3.6.1.4.1.19376.1.5.3.1.4.1.1",
    "1.2.250.1.213.1.1.3.30",
    "2.16.840.1.113883.10.20.1.39",
}
SEVERITY = {"2.16.840.1.113883.10.20.1.55", "1.3.6.1.4.1.19376.1.5.3.1.4.1", "1.2.250.1.213.1.1.3.29"}
CRITICALITY = {"1.2.250.1.213.1.1.3.173", "2.16.840.1.113883.10.20.22.4.145"}
CERTAINTY = {"1.2.250.1.213.1.1.3.28", "1.3.6.1.4.1.19376.1.5.3.1.4.1.3"}
COMMENT = {"2.16.840.1.113883.10.20.1.40", "1.3.6.1.4.1.19376.1.5.3.1.4.2", "1.2.250.1.213.1.1.3.32"}
REACTION = {"2.16.840.1.113883.10.20.1.54"}
RANK = {"2.16.840.1.113883.10.20.1.46", "1.2.250.1.213.1.1.3.82"}
INSTRUCTIONS = {
    "1.3.6.1.4.1.19376.1.5.3.1.4.3",
    "1.3.6.1.4.1.19376.1.5.3.1.4.3.1",
    "2.16.840.1.113883.10.20.1.49",
    "1.2.250.1.213.1.1.3.33",
    "1.2.250.1.213.1.1.3.34",
}
REFERENCE = {"1.3.6.1.4.1.19376.1.5.3.1.4.4.1", "1.2.250.1.213.1.1.3.36"}
AGE = {"2.16.840.1.113883.10.20.1.38"}
ATTACHED = {"1.2.250.1.213.1.1.3.18"}

# Codes that say there is nothing to list: (kind, whether the absence is known). SNOMED CT, HL7 "absent or unknown".
ABSENCES: dict[str, tuple[str, bool]] = {
    "160244002": ("allergies", True),
    "716186003": ("allergies", True),
    "409137002": ("allergies", True),
    "428607008": ("allergies", True),
    "429625007": ("allergies", True),
    "no-known-allergies": ("allergies", True),
    "no-known-medication-allergies": ("allergies", True),
    "no-known-environmental-allergies": ("allergies", True),
    "no-known-food-allergies": ("allergies", True),
    "no-allergy-info": ("allergies", False),
    "64970000": ("allergies", False),
    "160245001": ("problems", True),
    "no-known-problems": ("problems", True),
    "no-problem-info": ("problems", False),
    "182849000": ("treatments", True),
    "182904002": ("treatments", False),
    "no-known-medications": ("treatments", True),
    "no-medication-info": ("treatments", False),
    "787481004": ("treatments", True),
    "no-known-immunizations": ("vaccinations", True),
    "no-immunization-info": ("vaccinations", False),
    "no-known-procedures": ("procedures", True),
    "no-procedure-info": ("procedures", False),
    "no-known-devices": ("devices", True),
    "no-device-info": ("devices", False),
}
# Only a part of the allergies is denied: the rest was not asked.
PARTIAL_ABSENCES = {
    "409137002",
    "428607008",
    "429625007",
    "no-known-medication-allergies",
    "no-known-environmental-allergies",
    "no-known-food-allergies",
}

ACTIVE_CODES = {"active", "recurrence", "relapse", "55561003", "90734009", "7087005", "255227004"}
INACTIVE_CODES = {"inactive", "resolved", "remission", "73425007", "413322009", "410516002"}
UNITS = {
    "{tablet}": "comprimé",
    "{tbl}": "comprimé",
    "{capsule}": "gélule",
    "{drop}": "goutte",
    "[drp]": "goutte",
    "{puff}": "bouffée",
    "{sachet}": "sachet",
    "{ampoule}": "ampoule",
    "{patch}": "patch",
    "{unit}": "unité",
    "{pack}/a": "paquets-années",
    "{packyears}": "paquets-années",
    "m[IU]/L": "mUI/L",
    "[IU]/L": "UI/L",
    "[IU]": "UI",
    "U": "U",
    "mm[Hg]": "mmHg",
    "Cel": "°C",
    "/min": "/min",
    "{beats}/min": "bpm",
    "ug": "µg",
    "ug/L": "µg/L",
    "umol/L": "µmol/L",
    "10*9/L": "G/L",
    "10*12/L": "T/L",
    "10*3/uL": "G/L",
    "10*6/uL": "T/L",
    "mL/min/{1.73_m2}": "mL/min/1,73 m²",
    "kg/m2": "kg/m²",
}
TIME_UNITS = {
    "s": ("seconde", "secondes"),
    "min": ("minute", "minutes"),
    "h": ("heure", "heures"),
    "d": ("jour", "jours"),
    "wk": ("semaine", "semaines"),
    "mo": ("mois", "mois"),
    "a": ("an", "ans"),
}
MEAL_TIMES = {
    "HS": "au coucher",
    "WAKE": "au réveil",
    "AC": "avant les repas",
    "ACM": "avant le petit-déjeuner",
    "ACD": "avant le déjeuner",
    "ACV": "avant le dîner",
    "IC": "entre les repas",
    "PC": "après les repas",
    "PCM": "après le petit-déjeuner",
    "PCD": "après le déjeuner",
    "PCV": "après le dîner",
    "C": "aux repas",
    "CM": "au petit-déjeuner",
    "CD": "au déjeuner",
    "CV": "au dîner",
    "MORN": "le matin",
    "NOON": "le midi",
    "AFT": "l’après-midi",
    "EVE": "le soir",
    "NIGHT": "la nuit",
}
INTERPRETATIONS = {
    "N": "normal",
    "L": "bas",
    "H": "élevé",
    "LL": "très bas",
    "HH": "très élevé",
    "A": "anormal",
    "AA": "très anormal",
    "POS": "positif",
    "NEG": "négatif",
    "S": "sensible",
    "R": "résistant",
    "I": "intermédiaire",
    "IND": "indéterminé",
}
RELATIONS = {
    "MTH": "Mère",
    "FTH": "Père",
    "SIS": "Sœur",
    "BRO": "Frère",
    "CHILD": "Enfant",
    "SON": "Fils",
    "DAU": "Fille",
    "GRMTH": "Grand-mère",
    "GRFTH": "Grand-père",
    "SPS": "Conjoint",
    "HUSB": "Époux",
    "WIFE": "Épouse",
    "FAMMEMB": "Famille",
    "AUNT": "Tante",
    "UNCLE": "Oncle",
    "COUSN": "Cousin",
    "SIB": "Frère ou sœur",
    "PRN": "Parent",
}
