"""French names as a practice of the Essonne meets them: by generation and origin, with what trips software. Tables only."""

# Given names by the last year of birth of each generation.
GIVEN: dict[str, tuple[tuple[int, tuple[str, ...]], ...]] = {
    "F": (
        (1945, ("Simone", "Yvonne", "Jeanne", "Odette", "Paulette", "Huguette", "Marcelle", "Renée", "Denise", "Andrée",
                "Thérèse", "Germaine", "Lucienne", "Ginette", "Raymonde", "Marie-Louise")),
        (1960, ("Monique", "Jacqueline", "Françoise", "Nicole", "Michèle", "Danielle", "Annie", "Chantal", "Josiane",
                "Marie-Claude", "Bernadette", "Colette", "Éliane", "Marie-Thérèse", "Ghislaine", "Évelyne")),
        (1975, ("Catherine", "Sylvie", "Isabelle", "Nathalie", "Véronique", "Christine", "Brigitte", "Martine", "Corinne",
                "Valérie", "Sandrine", "Anne-Marie", "Agnès", "Béatrice", "Florence", "Hélène")),
        (1990, ("Céline", "Aurélie", "Émilie", "Stéphanie", "Virginie", "Audrey", "Laëtitia", "Delphine", "Élodie",
                "Jennifer", "Mélanie", "Caroline", "Anne-Sophie", "Karine", "Claire", "Marie-Ève")),
        (2004, ("Léa", "Manon", "Camille", "Chloé", "Pauline", "Océane", "Mathilde", "Anaïs", "Marine", "Clara", "Lucie",
                "Justine", "Sarah", "Inès", "Marie", "Zoé")),
        (9999, ("Emma", "Jade", "Louise", "Alice", "Lina", "Rose", "Mila", "Ambre", "Anna", "Éléonore", "Maëlys", "Romy",
                "Agathe", "Naïa", "Iris", "Lou-Anne")),
    ),
    "M": (
        (1945, ("Marcel", "Roger", "René", "André", "Raymond", "Lucien", "Georges", "Fernand", "Robert", "Maurice",
                "Henri", "Émile", "Gaston", "Léon", "Gilbert", "Jean-Baptiste")),
        (1960, ("Jean-Claude", "Michel", "Alain", "Bernard", "Daniel", "Gérard", "Jean-Pierre", "Guy", "Serge", "Yves",
                "Christian", "Jacques", "Francis", "Noël", "Hervé", "Joël")),
        (1975, ("Philippe", "Thierry", "Pascal", "Éric", "Laurent", "Bruno", "Frédéric", "Stéphane", "Christophe",
                "Olivier", "Franck", "Jean-Luc", "François", "Dominique", "Xavier", "Benoît")),
        (1990, ("Nicolas", "Julien", "Sébastien", "David", "Jérôme", "Cédric", "Guillaume", "Mickaël", "Romain",
                "Anthony", "Loïc", "Grégory", "Vincent", "Damien", "Rémi", "Jean-François")),
        (2004, ("Thomas", "Lucas", "Hugo", "Maxime", "Alexandre", "Théo", "Quentin", "Valentin", "Clément", "Antoine",
                "Kévin", "Dylan", "Florian", "Louis", "Baptiste", "Corentin")),
        (9999, ("Gabriel", "Raphaël", "Léo", "Arthur", "Maël", "Noah", "Jules", "Adam", "Sacha", "Tiago", "Isaac",
                "Eliott", "Naël", "Marceau", "Côme", "Paul-Émile")),
    ),
}

SURNAMES = (
    "Martin", "Bernard", "Thomas", "Petit", "Robert", "Richard", "Durand", "Dubois", "Moreau", "Laurent", "Simon",
    "Michel", "Lefebvre", "Leroy", "Roux", "David", "Bertrand", "Morel", "Fournier", "Girard", "Bonnet", "Dupont",
    "Lambert", "Fontaine", "Rousseau", "Vincent", "Muller", "Lefèvre", "Faure", "André", "Mercier", "Blanc", "Guérin",
    "Boyer", "Garnier", "Chevalier", "François", "Legrand", "Gauthier", "Garcia", "Perrin", "Robin", "Clément", "Morin",
    "Nicolas", "Henry", "Roussel", "Mathieu", "Gautier", "Masson", "Marchand", "Duval", "Denis", "Dumont", "Marie",
    "Lemaire", "Noël", "Meyer", "Dufour", "Meunier", "Brun", "Blanchard", "Giraud", "Joly", "Rivière", "Lucas",
    "Brunet", "Gaillard", "Barbier", "Arnaud", "Martínez", "Gérard", "Roche", "Renard", "Schmitt", "Roy", "Leroux",
    "Colin", "Vidal", "Caron", "Picard", "Roger", "Fabre", "Aubert", "Lemoine", "Renaud", "Dumas", "Lacroix", "Olivier",
    "Philippe", "Bourgeois", "Pierre", "Benoît", "Rey", "Leclerc", "Payet", "Rolland", "Leclercq", "Guillaume",
    "Lecomte", "Lopez", "Jean", "Dupuy", "Guillot", "Hubert", "Berger", "Carpentier", "Sanchez", "Dupuis", "Moulin",
    "Louis", "Deschamps", "Huet", "Vasseur", "Pérez", "Boucher", "Fleury", "Royer", "Klein", "Jacquet", "Adam", "Paris",
    "Poirier", "Marty", "Aubry", "Guyot", "Carré", "Charles", "Renault", "Charpentier", "Ménard", "Maillard", "Baron",
    "Bertin", "Bailly", "Hervé", "Schneider", "Fernandez", "Le Gall", "Collet", "Léger", "Bouvier", "Julien", "Prévost",
    "Millet", "Perrot", "Daniel", "Le Roux", "Cousin", "Germain", "Breton", "Besson", "Langlois", "Rémy", "Le Goff",
    "Pelletier", "Lévêque", "Perrier", "Leblanc", "Barré", "Lebrun", "Marchal", "Weber", "Mallet", "Hamon", "Boulanger",
)
# What software trips on: particles, apostrophes, double names, two letters, diaereses.
HARD_SURNAMES = (
    "Ly", "Vo", "Oh", "Ba", "Sy", "D'Angelo", "L'Hermitte", "N'Guessan", "Le Bris-Kerouanton", "De La Fontaine",
    "Du Plessis d'Argentré", "Lefèvre-Béranger", "Müller", "Saint-Étienne", "Œuvrard", "Lévy", "Ibañez", "d'Hérouville",
    "Mac Carthy", "Nuñez-Gauthier", "Aït-Ouakli", "Saÿ", "Coëtmeur", "Haÿ des Nétumières",
)
# Where families came from: surnames, given names of women and men, country codes of birth (COG).
ORIGINS: tuple[tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    (("Benali", "Haddad", "Bouzid", "Cherif", "Mansouri", "Amrani", "Belkacem", "Saïdi", "Ziani", "Hamidi"),
     ("Fatima", "Khadija", "Samira", "Nadia", "Yasmine", "Leïla", "Inès", "Sofia"),
     ("Mohamed", "Karim", "Rachid", "Youssef", "Mehdi", "Samir", "Bilal", "Ilyès"), ("99352", "99350", "99351")),
    (("Da Silva", "Ferreira", "Dos Santos", "Costa", "Pereira", "Gonçalves", "Rodrigues", "Simões"),
     ("Maria", "Ana", "Isabel", "Fátima", "Sandra", "Carla", "Inês", "Beatriz"),
     ("José", "Manuel", "António", "João", "Carlos", "Paulo", "Miguel", "Tiago"), ("99139",)),
    (("Diallo", "Traoré", "Ndiaye", "Coulibaly", "Diop", "Koné", "Cissé", "Camara", "Keïta", "Sow"),
     ("Aminata", "Fatou", "Mariam", "Aïssatou", "Awa", "Kadiatou", "Assa", "Maïmouna"),
     ("Mamadou", "Ousmane", "Ibrahima", "Moussa", "Cheikh", "Boubacar", "Issa", "Abdoulaye"), ("99341", "99335")),
    (("Nguyen", "Tran", "Pham", "Vo", "Ly", "Le", "Huynh", "Truong"),
     ("Thi Mai", "Linh", "Kim", "Lan", "Thu Hà", "Hoa", "Anh", "Mai-Linh"),
     ("Van Minh", "Duc", "Quang", "Tuan", "Hùng", "Bao", "Long", "Kévin"), ("99243",)),
    (("Kowalski", "Rossi", "Popescu", "Yildiz", "Garcia Lopez", "Ivanović", "Sivakumar", "Chen"),
     ("Anna", "Elena", "Giulia", "Zeynep", "Carmen", "Ivana", "Priya", "Xiu"),
     ("Piotr", "Marco", "Andrei", "Mehmet", "Pablo", "Milan", "Ravi", "Wei"), ("99122", "99127", "99134", "99216")),
)

# Communes by INSEE code. Essonne was part of Seine-et-Oise (78) until 1968: `people` writes older numbers that way.
BIRTH_PLACES = (
    ("91326", "Juvisy-sur-Orge"), ("91345", "Longjumeau"), ("91228", "Évry"), ("91174", "Corbeil-Essonnes"),
    ("91589", "Savigny-sur-Orge"), ("91021", "Arpajon"), ("91223", "Étampes"), ("75114", "Paris 14e"),
    ("75113", "Paris 13e"), ("75112", "Paris 12e"), ("94028", "Créteil"), ("77288", "Melun"), ("45234", "Orléans"),
    ("59350", "Lille"), ("44109", "Nantes"), ("29019", "Brest"), ("33063", "Bordeaux"), ("31555", "Toulouse"),
    ("67482", "Strasbourg"), ("21231", "Dijon"), ("2A004", "Ajaccio"), ("2B033", "Bastia"), ("97209", "Fort-de-France"),
    ("97411", "Saint-Denis de La Réunion"), ("97120", "Pointe-à-Pitre"),
)
COUNTRIES = {"99352": "Algérie", "99350": "Maroc", "99351": "Tunisie", "99139": "Portugal", "99341": "Sénégal",
             "99335": "Mali", "99243": "Viêt Nam", "99122": "Pologne", "99127": "Italie", "99134": "Espagne",
             "99216": "Chine"}
STREETS = (
    "rue des Tilleuls", "avenue du Général-de-Gaulle", "rue de la Gare", "impasse des Lilas", "chemin du Moulin-Neuf",
    "allée des Peupliers", "rue Jean-Jaurès", "place de l’Église", "boulevard de la République", "rue du 8-Mai-1945",
    "sente de l’Orge", "rue Pasteur", "résidence Les Merisiers", "rue Marcel-Pagnol", "route de Corbeil", "rue aux Fèves",
)
# Saint-Aubin-sur-Orge does not exist; its neighbours do.
TOWNS = (("91990", "Saint-Aubin-sur-Orge", 70), ("91600", "Savigny-sur-Orge", 9), ("91260", "Juvisy-sur-Orge", 8),
         ("91360", "Épinay-sur-Orge", 7), ("91390", "Morsang-sur-Orge", 6))
JOBS = ("retraité", "enseignante", "aide-soignante", "chauffeur-livreur", "comptable", "maçon", "assistante maternelle",
        "cadre commercial", "agent d’entretien", "développeur", "vendeuse", "cuisinier", "infirmière", "électricien",
        "sans emploi", "artisan boulanger", "conductrice de bus", "secrétaire", "technicien de maintenance", "étudiant")
