"""What the fictional patients have: chronic conditions with their treatments and measures, acute ones, vaccines. Tables only.

Codes: CIM-10 (WHO), ATC (WHO), LOINC. Doses are usual adult ones; nothing here is advice.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Drug:
    """One line of a treatment as a doctor types it."""

    dci: str
    name: str
    atc: str
    dose: str


@dataclass(frozen=True, slots=True)
class Illness:
    """A chronic condition: how often at which ages, what is prescribed in steps, what is followed at each visit."""

    key: str
    code: str
    label: str
    share: float  # of adults at `peak` and beyond
    start: int  # age from which it begins to be met
    peak: int
    steps: tuple[tuple[Drug, ...], ...]
    follows: tuple[str, ...] = ()
    ald: int = 0
    sex: str = ""


def _d(dci: str, name: str, atc: str, dose: str) -> Drug:
    return Drug(dci, name, atc, dose)


RAMIPRIL = _d("ramipril", "RAMIPRIL 5 mg, comprimé", "C09AA05", "1 comprimé le matin")
AMLODIPINE = _d("amlodipine", "AMLODIPINE 5 mg, gélule", "C08CA01", "1 gélule le matin")
HYDROCHLOROTHIAZIDE = _d("hydrochlorothiazide", "HYDROCHLOROTHIAZIDE 12,5 mg, comprimé", "C03AA03",
                         "1 comprimé le matin")
METFORMINE = _d("metformine", "METFORMINE 1000 mg, comprimé pelliculé", "A10BA02", "1 comprimé matin et soir, à la fin des repas")
GLICLAZIDE = _d("gliclazide", "GLICLAZIDE 60 mg LM, comprimé", "A10BB09", "1 comprimé au petit déjeuner")
EMPAGLIFLOZINE = _d("empagliflozine", "EMPAGLIFLOZINE 10 mg, comprimé", "A10BK03", "1 comprimé le matin")
ATORVASTATINE = _d("atorvastatine", "ATORVASTATINE 20 mg, comprimé", "C10AA05", "1 comprimé le soir")
ASPIRINE = _d("acide acétylsalicylique", "ACIDE ACÉTYLSALICYLIQUE 75 mg, comprimé", "B01AC06", "1 comprimé à midi")
BISOPROLOL = _d("bisoprolol", "BISOPROLOL 2,5 mg, comprimé", "C07AB07", "1 comprimé le matin")
APIXABAN = _d("apixaban", "APIXABAN 5 mg, comprimé", "B01AF02", "1 comprimé matin et soir")
SPIRONOLACTONE = _d("spironolactone", "SPIRONOLACTONE 25 mg, comprimé", "C03DA01", "1 comprimé le matin")
FUROSEMIDE = _d("furosémide", "FUROSÉMIDE 40 mg, comprimé", "C03CA01", "1 comprimé le matin")
LEVOTHYROXINE = _d("lévothyroxine", "LÉVOTHYROXINE 75 µg, comprimé", "H03AA01", "1 comprimé à jeun, 30 minutes avant le petit déjeuner")
SALBUTAMOL = _d("salbutamol", "SALBUTAMOL 100 µg, suspension pour inhalation", "R03AC02", "1 à 2 bouffées si gêne")
FORMOTEROL = _d("béclométasone + formotérol", "BÉCLOMÉTASONE/FORMOTÉROL 100/6 µg, solution pour inhalation", "R03AK08",
                "2 bouffées matin et soir")
TIOTROPIUM = _d("tiotropium", "TIOTROPIUM 2,5 µg, solution à inhaler", "R03BB04", "2 bouffées le matin")
SERTRALINE = _d("sertraline", "SERTRALINE 50 mg, gélule", "N06AB06", "1 gélule le matin")
PARACETAMOL = _d("paracétamol", "PARACÉTAMOL 1000 mg, comprimé", "N02BE01", "1 comprimé si douleur, au plus 3 par jour")
OMEPRAZOLE = _d("oméprazole", "OMÉPRAZOLE 20 mg, gélule", "A02BC01", "1 gélule le soir")
ALLOPURINOL = _d("allopurinol", "ALLOPURINOL 200 mg, comprimé", "M04AA01", "1 comprimé après le repas")
ALENDRONATE = _d("acide alendronique", "ACIDE ALENDRONIQUE 70 mg, comprimé", "M05BA04", "1 comprimé par semaine, à jeun, assis")
TAMSULOSINE = _d("tamsulosine", "TAMSULOSINE 0,4 mg, gélule LP", "G04CA02", "1 gélule le soir")
LEVONORGESTREL = _d("éthinylestradiol + lévonorgestrel", "ÉTHINYLESTRADIOL/LÉVONORGESTREL 20/100 µg, comprimé", "G03AA07",
                    "1 comprimé par jour, 21 jours sur 28")
CHOLECALCIFEROL = _d("colécalciférol", "COLÉCALCIFÉROL 50 000 UI, solution buvable en ampoule", "A11CC05", "1 ampoule par mois")

ILLNESSES = (
    Illness("hta", "I10", "Hypertension artérielle essentielle", 0.46, 35, 72,
            ((RAMIPRIL,), (AMLODIPINE,), (HYDROCHLOROTHIAZIDE,)), ("bp", "weight", "creatinine", "potassium")),
    Illness("diabetes", "E11.9", "Diabète de type 2", 0.15, 40, 68, ((METFORMINE,), (GLICLAZIDE,), (EMPAGLIFLOZINE,)),
            ("bp", "weight", "hba1c", "creatinine", "ldl"), ald=8),
    Illness("lipids", "E78.0", "Hypercholestérolémie pure", 0.24, 38, 66, ((ATORVASTATINE,),), ("ldl",)),
    Illness("af", "I48.9", "Fibrillation auriculaire", 0.11, 60, 84, ((APIXABAN, BISOPROLOL),), ("bp", "pulse", "creatinine"),
            ald=5),
    Illness("heart_failure", "I50.9", "Insuffisance cardiaque", 0.09, 66, 88, ((FUROSEMIDE, BISOPROLOL), (SPIRONOLACTONE,)),
            ("bp", "weight", "potassium", "creatinine"), ald=5),
    Illness("coronary", "I25.1", "Cardiopathie athéroscléreuse", 0.10, 50, 76, ((ASPIRINE, ATORVASTATINE, BISOPROLOL),),
            ("bp", "ldl"), ald=13),
    Illness("thyroid", "E03.9", "Hypothyroïdie", 0.08, 28, 60, ((LEVOTHYROXINE,),), ("tsh", "weight"), sex="F"),
    Illness("asthma", "J45.9", "Asthme", 0.07, 5, 25, ((SALBUTAMOL,), (FORMOTEROL,)), ("peak_flow",)),
    Illness("copd", "J44.9", "Bronchopneumopathie chronique obstructive", 0.09, 50, 70, ((TIOTROPIUM,), (SALBUTAMOL,)),
            ("spo2", "weight")),
    Illness("depression", "F32.1", "Épisode dépressif moyen", 0.08, 18, 40, ((SERTRALINE,),), ("weight",)),
    Illness("arthrosis", "M17.9", "Gonarthrose", 0.30, 52, 78, ((PARACETAMOL,),), ("weight",)),
    Illness("reflux", "K21.9", "Reflux gastro-œsophagien", 0.14, 28, 58, ((OMEPRAZOLE,),)),
    Illness("gout", "M10.9", "Goutte", 0.04, 45, 70, ((ALLOPURINOL,),), ("creatinine",), sex="M"),
    Illness("osteoporosis", "M81.9", "Ostéoporose", 0.15, 60, 80, ((ALENDRONATE, CHOLECALCIFEROL),), ("height",), sex="F"),
    Illness("prostate", "N40", "Hyperplasie de la prostate", 0.22, 55, 76, ((TAMSULOSINE,),), sex="M"),
    Illness("backache", "M54.5", "Lombalgie chronique", 0.12, 28, 55, ((PARACETAMOL,),)),
)
# Past events: code, label, earliest age, share of adults.
PAST = (
    ("K35.8", "Appendicectomie", 8, 0.10), ("J35.0", "Amygdalectomie", 4, 0.12), ("K80.2", "Cholécystectomie", 35, 0.07),
    ("S52.5", "Fracture du radius distal", 10, 0.07), ("K40.9", "Cure de hernie inguinale", 30, 0.05),
    ("B02.9", "Zona", 50, 0.05), ("H25.9", "Opération de la cataracte", 68, 0.20), ("S83.2", "Lésion méniscale opérée", 22, 0.05),
    ("Z96.6", "Prothèse totale de hanche", 65, 0.08), ("C50.9", "Cancer du sein traité", 45, 0.03),
    ("I26.9", "Embolie pulmonaire", 45, 0.02), ("N20.0", "Colique néphrétique", 28, 0.06),
)
FAMILY = (("Père : infarctus du myocarde à 58 ans", "Z82.4"), ("Mère : diabète de type 2", "Z83.3"),
          ("Mère : cancer du sein à 62 ans", "Z80.3"), ("Frère : cancer du côlon à 55 ans", "Z80.0"),
          ("Père : hypertension artérielle", "Z82.4"), ("Grand-mère : maladie d’Alzheimer", "Z82.0"))
ALLERGIES = (("Amoxicilline", "urticaire généralisée en {year}", "medicine"), ("Pénicillines", "œdème du visage", "medicine"),
             ("Aspirine", "bronchospasme", "medicine"), ("Sulfaméthoxazole", "éruption", "medicine"),
             ("Produit de contraste iodé", "malaise avec éruption", "medicine"), ("Latex", "eczéma de contact", "other"),
             ("Arachide", "anaphylaxie", "food"), ("Venin d’hyménoptères", "réaction générale de grade II", "other"),
             ("Pollens de graminées", "rhinite saisonnière", "environment"), ("Acariens", "rhinite perannuelle", "environment"))
# name, disease(s), letters of its fictional lots, years between boosters for adults (0: none)
VACCINES = {
    "dtp": ("Vaccin diphtérie-tétanos-polio (REVAXIS)", "Diphtérie, tétanos, poliomyélite", "RV", 20),
    "hexa": ("Vaccin hexavalent (HEXYON)", "Diphtérie, tétanos, coqueluche, polio, Hib, hépatite B", "HX", 0),
    "pneumo": ("Vaccin pneumococcique conjugué (PREVENAR 20)", "Pneumocoque", "PN", 0),
    "ror": ("Vaccin rougeole-oreillons-rubéole (PRIORIX)", "Rougeole, oreillons, rubéole", "PX", 0),
    "menacwy": ("Vaccin méningococcique ACWY (NIMENRIX)", "Méningocoques ACWY", "NM", 0),
    "flu": ("Vaccin grippal (VAXIGRIPTETRA)", "Grippe saisonnière", "VX", 1),
    "covid": ("Vaccin Covid-19 (COMIRNATY)", "Covid-19", "CM", 1),
    "hpv": ("Vaccin papillomavirus (GARDASIL 9)", "Papillomavirus humains", "GS", 0),
    "zoster": ("Vaccin zona (SHINGRIX)", "Zona", "SX", 0),
}
# key -> LOINC, French label, UCUM unit, decimal places
MEASURES = {
    "systolic": ("8480-6", "PA systolique", "mm[Hg]", 0), "diastolic": ("8462-4", "PA diastolique", "mm[Hg]", 0),
    "pulse": ("8867-4", "Fréquence cardiaque", "/min", 0), "weight": ("29463-7", "Poids", "kg", 1),
    "height": ("8302-2", "Taille", "cm", 1), "head": ("9843-4", "Périmètre crânien", "cm", 1),
    "temperature": ("8310-5", "Température", "Cel", 1), "spo2": ("59408-5", "SpO₂", "%", 0),
    "peak_flow": ("33452-4", "Débit expiratoire de pointe", "L/min", 0),
    "hba1c": ("4548-4", "HbA1c", "%", 1), "potassium": ("2823-3", "Potassium", "mmol/L", 1),
    "creatinine": ("14682-9", "Créatinine", "umol/L", 0), "ldl": ("22748-8", "LDL-cholestérol", "mmol/L", 2),
    "tsh": ("3016-3", "TSH", "m[IU]/L", 2), "hemoglobin": ("718-7", "Hémoglobine", "g/dL", 1),
    "crp": ("1988-5", "CRP", "mg/L", 0),
}
