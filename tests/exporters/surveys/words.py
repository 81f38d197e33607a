"""What the invented surveys ask: wordings, options, scales and what people type. Words only."""

CHOICES = (
    ("Which platform matters most to you?", ("Facebook", "Instagram", "LinkedIn", "Twitter/X", "YouTube", "TikTok")),
    (
        "How do you mainly measure success?",
        ("Engagement (shares, likes, comments)", "Traffic", "Leads", "Sales", "We do not measure it"),
    ),
    ("Who runs your social media?", ("An agency", "Our own team", "A freelancer", "The owner", "Nobody in particular")),
    ("Welches Format funktioniert am besten?", ("Bilder", "Videos", "Texte, auch lange", "Umfragen", "Links")),
    ("Quel format marche le mieux ?", ("Images", "Vidéos", "Textes, même longs", "Sondages", "Liens")),
    ("What is your main goal for next year?", ("Awareness", "More leads", "Customer service", "Hiring", "Community")),
    ("Newsletter", ("Newsletter", "Website", "Neither of them")),
    ("Where did you hear about this survey?", ("Newsletter", "Search", "A colleague", "Social media", "An event")),
)
MULTIS = (
    (
        "Which of these do you use?",
        ("Facebook", "Instagram", "LinkedIn", "Snapchat", "Pinterest", "YouTube", "Blog", "Mail"),
    ),
    (
        "Which content do you publish? (select all that apply)",
        ("Images", "Videos", "Links, with a comment", "Polls", "Podcasts", "Live video"),
    ),
    (
        "What keeps you from posting more?",
        ("Lack of time", "No budget", "No ideas", "Fear of mistakes, or of the boss", "Nothing"),
    ),
    ("Welche Kanäle nutzen Sie?", ("Blog", "Newsletter", "Messe, vor Ort", "Anzeigen", "Podcast", "Telefon")),
    ("¿Qué herramientas usa?", ("Hojas de cálculo", "Un panel propio", "Buffer", "Hootsuite", "Ninguna")),
    ("Which teams see the figures?", ("Marketing", "Sales", "Support", "Management", "Product", "None of these")),
    (
        "Which of the following apply to your company?",
        ("We post daily", "We answer every question", "We buy ads", "We run contests"),
    ),
)
FAMILIES = (
    ("Very dissatisfied", "Dissatisfied", "Neither satisfied nor dissatisfied", "Satisfied", "Very satisfied"),
    ("Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree"),
    ("Never", "Rarely", "Sometimes", "Often", "Always"),
    ("Not at all important", "Slightly important", "Moderately important", "Very important", "Extremely important"),
    ("Not effective at all", "Not very effective", "Somewhat effective", "Very effective"),
    ("Sehr unzufrieden", "Unzufrieden", "Neutral", "Zufrieden", "Sehr zufrieden"),
    ("Pas du tout d'accord", "Plutôt pas d'accord", "Plutôt d'accord", "Tout à fait d'accord"),
    ("Very unlikely", "Unlikely", "Neutral", "Likely", "Very likely"),
)
ITEMS = ("Our blog", "Our newsletter", "Paid ads", "Live video", "Customer service", "Events", "Short posts")
SCALE_WORDINGS = (
    "How would you rate the following?",
    "Please tell us what you think of each of these.",
    "Wie beurteilen Sie Folgendes?",
    "How much does this apply to you?",
)
SEGMENTS = {
    "company_size": (
        ("How many employees does your company have?", ("1-9", "10-49", "50-249", "250-999", "1000+")),
        ("How many people work at your company?", ("Just me", "2-10", "11-50", "51-200", "More than 200")),
        ("Company size", ("1 - it's just me", "2-10", "11-25", "26-50", "1,001+")),
        ("Wie viele Mitarbeitende hat Ihr Unternehmen?", ("unter 10", "10 bis 49", "50 bis 249", "ab 250")),
    ),
    "industry": (
        (
            "Which of the following best describes your industry?",
            ("Retail", "Software", "Media, PR and advertising", "Non-profit", "Manufacturing"),
        ),
        ("Industry", ("Finance", "Education", "Health care", "Travel", "Marketing, PR, Advertising")),
        ("Branche", ("Handel", "Industrie", "Bau", "Medien", "Öffentlicher Dienst")),
    ),
    "customer_focus": (
        ("Is your company B2B or B2C?", ("B2B", "B2C", "Both")),
        ("Who are your main customers?", ("Businesses", "Consumers", "Both")),
    ),
}
YES_NO_QUESTIONS = (
    "Do you have a documented strategy?",
    "Does your company use paid ads?",
    "Has your budget grown in the past 12 months?",
    "Do you plan to hire for social media?",
    "Nutzen Sie Werkzeuge zur Planung?",
    "Avez-vous publié une vidéo cette année ?",
)
YES_NO = (
    ("Yes", "No"), ("yes", "no"), ("Ja", "Nein"), ("Oui", "Non"), ("Sí", "No"), ("Sim", "Não"), ("Tak", "Nie"),
    ("Да", "Нет"), ("はい", "いいえ"), ("Evet", "Hayır"), ("Ja", "Nee"), ("Y", "N"), ("TRUE", "FALSE"), ("1", "0"),
    ("Ja", "Nej"), ("Sì", "No"), ("是", "否"), ("예", "아니요"),
)  # fmt: skip
NUMBERS = (
    ("How many hours a week do you spend on social media?", 0, 60, 0),
    ("How many posts did you publish last month?", 0, 400, 0),
    ("What share of your revenue comes from social media, in percent?", 0, 100, 1),
    ("Wie viele Stunden pro Woche wenden Sie auf?", 0, 40, 1),
    ("How much do you spend on ads a month, in EUR?", 0, 25_000, 2),
)
TEXTS = (
    "What would you tell a beginner?",
    "Any other comments?",
    "Was hat Sie überrascht?",
    "In your own words, what is your biggest challenge?",
)
OPENERS = (
    "be patient with",
    "I would rather stop",
    "nobody here understands",
    "we tried for a year to fix",
    "ask my cousin about",
)
THINGS = (
    "the pricing page",
    "our old forum",
    "fax machines",
    "the Tuesday call",
    "grandmother's recipes",
    "a broken plugin",
)
OTHERS = ("own tool built by", "a friend named", "our neighbour", "the club of", "messages from")
NAMES = (
    "Quillon",
    "Brandeis",
    "Ovesen",
    "Takhtar",
    "Merriwell",
    "Zubrow",
    "Palfrey",
    "Nordqvist",
    "Ilunga",
    "Castagna",
)
