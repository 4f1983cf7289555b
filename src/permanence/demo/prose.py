"""What doctors write: sentences of fictional notes and letters, by motif, in the four parts S, O, A, P. Tables only.

`{m|f}` picks the masculine or the feminine; `{name}` fields are filled by `writing`.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Episode:
    """An acute motif: CIM-10 code, ages, weight in a GP's year, and variants of each part of the note."""

    motif: str
    code: str
    ages: tuple[int, int]
    weight: int
    s: tuple[str, ...]
    o: tuple[str, ...]
    a: tuple[str, ...]
    p: tuple[str, ...]
    fever: bool = False
    season: tuple[int, ...] = ()


WINTER, SPRING = (10, 11, 12, 1, 2, 3), (3, 4, 5, 6)

EPISODES = (
    Episode("Rhinopharyngite", "J00", (0, 99), 14,
            ("Nez qui coule et toux depuis {days} jours. Pas de dyspnée. Mange et boit correctement.",
             "Rhinorrhée claire, toux grasse la nuit, gêne pour dormir. Entourage malade aussi.",
             "Vient surtout « pour que ça ne tombe pas sur les bronches ». Toux depuis {days} jours."),
            ("Gorge rouge sans angine, tympans normaux. Auscultation claire. T° {temp} °C.",
             "Bon état général. Tympans congestifs sans épanchement purulent. MV symétrique, pas de râle."),
            ("Rhinopharyngite virale, pas de critère de surinfection.", "Tableau viral banal à J{days}."),
            ("Lavage de nez, paracétamol si besoin. Pas d’antibiotique, expliqué. Revoir si fièvre au-delà de 3 jours.",
             "Traitement symptomatique. Consignes de surveillance données oralement et par écrit."), True, WINTER),
    Episode("Angine", "J02.9", (3, 60), 6,
            ("Mal de gorge depuis {days} jours, douleur à la déglutition, fièvre à {temp} °C hier soir.",
             "Odynophagie, pas de toux. Enfant à l’école avec plusieurs cas dans la classe."),
            ("Amygdales érythémateuses, quelques dépôts. Adénopathies sous-angulo-maxillaires sensibles. TROD {trod}.",
             "Pharynx inflammatoire, pas de trismus. Cou souple. TROD {trod}."),
            ("Angine, score de Mac Isaac à {score}. TROD {trod}.",),
            ("Paracétamol. Conduite selon TROD, expliquée. Revoir à 48 h si pas d’amélioration.",), True, WINTER),
    Episode("Lombalgie aiguë", "M54.5", (18, 75), 8,
            ("Douleur lombaire apparue en {lifting}, il y a {days} jours. Pas d’irradiation sous le genou. EN {pain}/10.",
             "« Dos bloqué » depuis {days} jours. Pas de traumatisme, pas de fièvre, pas de trouble sphinctérien."),
            ("Contracture paravertébrale {side}, DDS {dds} cm. Lasègue négatif. Réflexes présents, pas de déficit moteur.",
             "Marche prudente. Rachis raide, palpation L4-L5 sensible. Pas de drapeau rouge."),
            ("Lombalgie commune, sans drapeau rouge.", "Lumbago. Pas d’indication d’imagerie à ce stade (HAS 2019)."),
            ("Rester acti{f|ve}, antalgique de palier 1, chaleur. Arrêt de {stop} jours. Kinésithérapie si persiste à 4 semaines.",
             "Réassurance, reprise progressive. Paracétamol. Revoir si fièvre, déficit ou troubles urinaires.")),
    Episode("Infection urinaire basse", "N30.0", (16, 85), 5,
            ("Brûlures mictionnelles et pollakiurie depuis {days} jours. Pas de fièvre ni de douleur lombaire.",
             "Urines troubles, envies fréquentes depuis hier. {episodes} épisode(s) dans l’année."),
            ("Abdomen souple, fosses lombaires libres. BU : leucocytes +++, nitrites +.", "Apyrétique. BU : leucocytes ++, sang +."),
            ("Cystite aiguë simple.",),
            ("Fosfomycine 3 g, dose unique. Boire. ECBU si échec à 72 h.",
             "Fosfomycine 3 g en une prise. Conseils d’hydratation ; consulter si fièvre ou frissons.")),
    Episode("Gastro-entérite", "A09.9", (1, 80), 6,
            ("Vomissements puis diarrhée depuis {days} jours, {stools} selles liquides par jour. Pas de sang.",
             "Diarrhée et crampes. Boit bien. Deux cas à la maison."),
            ("Abdomen souple, sensible dans son ensemble, sans défense. Pas de pli cutané. TA correcte.",
             "Pas de signe de déshydratation. Perte de poids minime."),
            ("Gastro-entérite aiguë, probablement virale.",),
            ("Hydratation fractionnée, régime libre. Surveiller le poids. Revoir si sang, fièvre élevée ou vomissements répétés.",),
            True, WINTER),
    Episode("Otite", "H66.9", (0, 8), 7,
            ("Otalgie {side} depuis cette nuit, fièvre à {temp} °C, a mal dormi.", "Pleurs, se touche l’oreille {side}. Rhinite depuis {days} jours."),
            ("Tympan {side} bombé et rouge. L’autre est normal. Auscultation libre.", "OMA {side} congestive. Pas d’otorrhée."),
            ("Otite moyenne aiguë {side}.",),
            ("Paracétamol. Réévaluation à 48 h avant tout antibiotique, expliquée aux parents.",), True, WINTER),
    Episode("Bronchiolite", "J21.9", (0, 1), 6,
            ("Toux et gêne respiratoire depuis {days} jours, boit environ les deux tiers de ses biberons.",),
            ("FR {fr}/min, tirage intercostal discret, sibilants diffus. Éveil normal. SpO₂ {spo2} %.",),
            ("Bronchiolite sans critère d’hospitalisation.",),
            ("Désobstruction nasale avant les repas, fractionner. Consignes d’alerte remises aux parents. Contrôle demain.",), True, WINTER),
    Episode("Entorse de cheville", "S93.4", (10, 65), 4,
            ("Torsion de la cheville {side} en {sport} il y a {days} jours. Appui possible, douloureux.",),
            ("Œdème pré-malléolaire externe. Pas de douleur osseuse : critères d’Ottawa négatifs. Tiroir négatif.",),
            ("Entorse latérale bénigne.",),
            ("Chevillère, glace, appui selon douleur. Kinésithérapie proprioceptive, 10 séances. Pas de radio.",)),
    Episode("Douleur thoracique", "R07.4", (30, 85), 2,
            ("Oppression {side} à l’effort depuis {days} jours, cède au repos. Pas de palpitation.",
             "Douleur thoracique atypique, reproduite par les mouvements, angoisse associée."),
            ("TA et pouls corrects. Auscultation normale. ECG : rythme sinusal, pas de trouble de repolarisation.",),
            ("Douleur thoracique à faible probabilité coronaire, à documenter.", "Douleur pariétale probable."),
            ("Troponine en ville, avis cardiologique demandé. Appeler le 15 en cas de douleur prolongée.",)),
    Episode("Rhinite allergique", "J30.1", (6, 60), 4,
            ("Éternuements, nez bouché et yeux qui piquent, comme chaque printemps.",),
            ("Muqueuse nasale pâle, conjonctives un peu rouges. Auscultation sans sibilant.",),
            ("Rhino-conjonctivite allergique saisonnière.",),
            ("Cétirizine 10 mg le soir, lavage de nez. Corticoïde nasal si insuffisant.",), False, SPRING),
    Episode("Fatigue", "R53", (18, 80), 4,
            ("Fatigue depuis {weeks} semaines. Sommeil {sleep}. Pas d’amaigrissement. Charge de travail importante.",
             "Se sent « à plat ». Humeur conservée, appétit normal."),
            ("Examen sans particularité. Pas de pâleur, pas d’adénopathie, thyroïde non palpable.",),
            ("Asthénie isolée, bilan de débrouillage.",),
            ("NFS, ferritine, TSH, glycémie, CRP. Revoir avec les résultats. Conseils de sommeil.",)),
    Episode("Vertiges", "H81.1", (35, 90), 3,
            ("Vertiges rotatoires brefs en se tournant dans le lit, depuis {days} jours. Pas de surdité.",),
            ("Dix-Hallpike positif à {side}. Pas de signe neurologique focal. Marche normale.",),
            ("Vertige paroxystique positionnel bénin.",),
            ("Manœuvre d’Epley faite au cabinet, bien tolérée. Kinésithérapie vestibulaire si récidive.",)),
    Episode("Certificat de sport", "Z02.5", (6, 60), 4,
            ("Demande un certificat pour {sport}. Pas de symptôme à l’effort, pas d’antécédent familial de mort subite.",),
            ("Auscultation normale debout et couché{|e}. TA normale. Souffle : non. Articulations libres.",),
            ("Pas de contre-indication clinique ce jour.",), ("Certificat remis en main propre.",), False, (9, 10)),
    Episode("Lésion cutanée", "L98.9", (20, 90), 3,
            ("Tache brune du {place} qui aurait changé depuis quelques mois.",),
            ("Lésion de {mm} mm, bords réguliers, couleur homogène. Reste du tégument vu.",),
            ("Kératose séborrhéique probable.",), ("Photographie au dossier, contrôle à 3 mois. Dermatologue si évolution.",)),
    Episode("Migraine", "G43.9", (15, 60), 3,
            ("Céphalées pulsatiles {side}, photophobie, {crises} crises par mois. Pas d’aura.",),
            ("Examen neurologique normal. TA normale. Nuque souple.",),
            ("Migraine sans aura, retentissement modéré.",),
            ("Traitement de crise : AINS puis triptan. Agenda des crises. Discuter un traitement de fond à 3 mois.",)),
    Episode("Anxiété", "F41.9", (16, 80), 4,
            ("Angoisses, ruminations le soir, tension au travail. Pas d’idée noire à la question directe.",
             "Séparation récente. Dort {hours} h par nuit. Soutien de sa sœur."),
            ("Contact bon, pleure en évoquant la situation. Pas de ralentissement.",),
            ("Trouble anxieux réactionnel.",),
            ("Écoute. Psychologue proposé (Mon soutien psy). Pas d’anxiolytique ce jour. Revoir dans 2 semaines.",)),
)

FOLLOW = {  # key of a chronic illness: (S, O, A, P) sentences of its follow-up
    "hta": (("Prend son traitement tous les jours. Automesures : {sys}/{dia} en moyenne.", "Pas de céphalée. Oublie parfois le comprimé le week-end."),
            ("TA {sys}/{dia} mmHg assis{|e}, après 5 minutes de repos.",),
            ("HTA {control}.",), ("Même traitement 3 mois. Automesure avant la prochaine consultation.",)),
    "diabetes": (("Glycémies du matin entre {g1} et {g2} g/L. Pas d’hypoglycémie. Marche {walk} minutes par jour.",
                  "Écarts pendant les fêtes, le reconnaît. Pas de polyurie."),
                 ("Monofilament perçu aux deux pieds. Pouls périphériques présents.",),
                 ("Diabète de type 2, HbA1c {hba1c} %, objectif {target} %.",),
                 ("Poursuite. HbA1c dans 3 mois, fond d’œil de l’année {fundus}. Pieds à regarder chaque jour.",)),
    "thyroid": (("Pas de frilosité, poids stable.",), ("Thyroïde non palpée.",), ("Hypothyroïdie substituée, TSH {tsh}.",), ("Même dose, TSH dans 12 mois.",)),
    "asthma": (("{uses} utilisations du bronchodilatateur par semaine. Pas de réveil nocturne.",), ("Auscultation libre. DEP {dep} L/min.",),
               ("Asthme {asthma}.",), ("Technique d’inhalation revue. Plan d’action écrit rappelé.",)),
    "copd": (("Essoufflement à deux étages, toux le matin. Tabac : {cig} cigarettes par jour.",), ("MV diminué, pas de râle. SpO₂ {spo2} %.",),
             ("BPCO stable.",), ("Conseil d’arrêt du tabac, substituts proposés. Vaccins à jour.",)),
    "depression": (("Se sent {mood}. Sommeil {sleep}. Pas d’idée suicidaire à la question directe.",), ("Mimique plus mobile, parle de projets.",),
                   ("Épisode dépressif en {phase}.",), ("Poursuite de la sertraline, à réévaluer à 6 mois. Prochain rendez-vous pris.",)),
    "af": (("Pas de palpitation ni de saignement. Bonne observance.",), ("Pouls irrégulier à {pulse}/min.",), ("FA contrôlée, anticoagulée.",),
           ("Poursuite. Créatinine et NFS dans 6 mois.",)),
    "heart_failure": (("Dort sur un oreiller. Essoufflement stable, {floors} étage(s).",), ("Pas d’œdème des chevilles. Poids {weight} kg.",),
                      ("Insuffisance cardiaque compensée.",), ("Se peser chaque semaine, appeler si + 2 kg en 3 jours. Ionogramme dans 1 mois.",)),
    "coronary": (("Pas de douleur à l’effort.",), ("Auscultation régulière.",), ("Coronaropathie stable.",), ("Même traitement. Cardiologue une fois par an.",)),
    "arthrosis": (("Douleurs de genou {sidem} à la marche, dérouillage 10 minutes.",), ("Choc rotulien absent, flexion {flexion}°.",),
                  ("Gonarthrose.",), ("Antalgique à la demande, renforcement du quadriceps.",)),
    "lipids": (("Traitement bien supporté, pas de myalgie.",), (), ("LDL {ldl} mmol/L.",), ("Poursuite. Bilan lipidique dans 12 mois.",)),
}

@dataclass(frozen=True, slots=True)
class Model:
    """A letter and the answer it gets; `illness` limits it to whom it fits."""

    illness: str
    title: str
    text: str
    by: str = ""
    reply_title: str = ""
    reply: str = ""


LETTERS = (
    Model("hta", "Lettre au cardiologue",
          "Merci de voir {civility} {name}, {age}, pour avis sur une gêne à l’effort apparue depuis {weeks} semaines. "
          "Antécédents : {history}. Traitement : {treatments}. TA {sys}/{dia}. L’ECG de ce jour est joint.",
          "Dr Paul ESTÈVE, cardiologue", "Compte rendu de cardiologie",
          "Cher confrère, j’ai examiné {civility} {name}. L’échographie retrouve une fraction d’éjection à {fe} %, sans "
          "valvulopathie significative. L’épreuve d’effort est négative. Pas de modification du traitement."),
    Model("heart_failure", "Lettre au gériatre",
          "Je vous adresse {civility} {name}, {age}, pour une évaluation : chutes répétées, plaintes de mémoire, "
          "polymédication. Antécédents : {history}. Traitement : {treatments}. Vit seul{|e}, aide-ménagère deux fois par "
          "semaine."),
    Model("", "Lettre au dermatologue",
          "Merci de votre avis pour {civility} {name}, {age}, porteu{r|se} d’une lésion du dos qui s’est modifiée. "
          "Antécédents : {history}. Une photographie est jointe.", "Dr Hélène MARCHETTI, dermatologue",
          "Compte rendu de dermatologie", "Chère consœur, cher confrère, la lésion de {civility} {name} est une kératose "
          "séborrhéique. Pas de geste. Contrôle dans un an."),
    Model("diabetes", "Lettre à l’ophtalmologue",
          "{civility} {name}, {age}, suivi{|e} pour un diabète de type 2, doit avoir son fond d’œil annuel. Traitement : "
          "{treatments}.", "Dr Anne ROCHETEAU, ophtalmologue", "Compte rendu d’ophtalmologie",
          "Cher confrère, le fond d’œil de {civility} {name} ne montre pas de rétinopathie diabétique. Acuité {acuity}/10 "
          "des deux côtés. Contrôle dans un an."),
    Model("arthrosis", "Demande de radiographie", "{civility} {name}, {age} : gonalgie mécanique. Genou de face en charge, "
          "profil, schuss.", "Centre d’imagerie de l’Orge", "Compte rendu d’imagerie", "Radiographie du genou de {civility} {name} : "
          "pincement fémoro-tibial interne modéré, ostéophytes. Pas de lésion osseuse suspecte."),
)
INFANT = (
    ("Alimentation bien conduite, nuits de {hours} heures. Pas d’inquiétude des parents.",
     "Bonne diversification. Un rhume depuis l’examen précédent. Gazouille."),
    ("Tonus, poursuite oculaire et hanches normaux. Auscultation normale. Fontanelle souple.",),
    ("Développement normal, croissance régulière sur les courbes.",),
    ("Vaccins du calendrier, vitamine D. Prochain examen expliqué.",),
)
SCENES: dict[str, tuple[str, str, tuple[str, str, str, str]]] = {
    "minor_secret": ("Contraception", "Z30.0",
                     ("Demande une contraception. Souhaite que ses parents ne soient pas informés.",
                      "TA 112/68. Pas de facteur de risque vasculaire.", "Contraception d’une mineure, secret demandé.",
                      "Pilule expliquée. Revoir dans 3 mois.")),
    "pregnant": ("Grossesse", "Z34.9",
                 ("Test positif. Dernières règles il y a 7 semaines.", "TA 116/70, poids stable.",
                  "Grossesse débutante, souhaitée.",
                  "Bilan du premier trimestre, acide folique, échographie de datation. Toxoplasmose expliquée.")),
}
PRIVATE = ("Semble redouter son mari ; à revoir seule.", "Demande insistante d’arrêt : rester factuel.",
           "Se confie peu devant sa fille, prévoir un temps sans elle.")
