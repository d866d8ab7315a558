"""Where the demo company works, and what people there are called."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Site:
    """An office: city, zone, the usual language, and names heard there."""

    city: str
    zone: str
    locale: str
    entity: str
    given: tuple[str, ...]
    family: tuple[str, ...]


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


SITES = (
    Site(
        "Lagos",
        "Africa/Lagos",
        "en",
        "Meridian West Africa Ltd",
        _names("Ngozi Chidi Folake Tunde Yetunde Emeka Halima Ibrahim Adaeze Segun Zainab Kelechi"),
        _names("Okafor Adeyemi Balogun Nwosu Eze Lawal Obi Danjuma Akande Bello Uche Olawale"),
    ),
    Site(
        "Nairobi",
        "Africa/Nairobi",
        "en",
        "Meridian East Africa Ltd",
        _names("Wanjiru Otieno Achieng Kamau Njeri Mutua Akinyi Kiprono Amina Baraka Makena Juma"),
        _names("Kariuki Odhiambo Mwangi Wambui Kimani Cheruiyot Omondi Hassan Njoroge Muthoni"),
    ),
    Site(
        "Cairo",
        "Africa/Cairo",
        "ar",
        "Meridian Middle East LLC",
        _names("Dalia Omar Mariam Youssef Salma Karim Nour Hany Farida Tarek Rania Amr"),
        _names("Mansour Hassan Farouk Nasser Ibrahim Salem Haddad Khalil Fahmy Zaki Saad"),
    ),
    Site(
        "Amman",
        "Asia/Amman",
        "ar",
        "Meridian Middle East LLC",
        _names("Farid Lina Samir Rana Bashar Hala Zaid Dina Fadi Yara Ziad Maha"),
        _names("Haddadin Khoury Nabulsi Masri Qasem Shami Zoubi Tamimi Saleh Odeh"),
    ),
    Site(
        "Berlin",
        "Europe/Berlin",
        "de",
        "Meridian Europe GmbH",
        _names("Anke Jonas Leonie Matthias Ayşe Felix Greta Emre Katharina Lukas Nele Henrik"),
        _names("Schröder Yılmaz Vogt Baumann Krüger Demir Lange Hoffmann Weiß Neumann"),
    ),
    Site(
        "Paris",
        "Europe/Paris",
        "fr",
        "Meridian France SAS",
        _names("Hugo Élodie Mathieu Aïcha Camille Youssouf Chloé Antoine Fatou Julien Inès Rémi"),
        _names("Lefèvre Diallo Moreau Benali Garnier Traoré Fontaine Marchand Roux Cissé"),
    ),
    Site(
        "Stockholm",
        "Europe/Stockholm",
        "en",
        "Meridian Nordics AB",
        _names("Bo Linnea Oskar Freja Nils Saga Elsa Viggo Ida Sixten Maja Anders"),
        _names("Lindqvist Åkesson Nyström Berglund Sjöberg Hedlund Öberg Forsberg Ek Norén"),
    ),
    Site(
        "Warsaw",
        "Europe/Warsaw",
        "pl",
        "Meridian Polska sp. z o.o.",
        _names("Agnieszka Łukasz Małgorzata Paweł Zofia Krzysztof Hanna Wojciech Maja Stanisław"),
        _names("Wiśniewska Kowalczyk Zieliński Szymańska Woźniak Dąbrowski Król Wróbel Pawlak"),
    ),
    Site(
        "Bengaluru",
        "Asia/Kolkata",
        "hi",
        "Meridian India Pvt Ltd",
        _names("Aarav Priya Rohan Lakshmi Arjun Meera Vikram Ananya Sanjay Kavya Imran Divya"),
        _names("Iyer Sharma Reddy Nair Gupta Menon Khan Banerjee Patel Rao Joshi D'Souza"),
    ),
    Site(
        "Osaka",
        "Asia/Tokyo",
        "ja",
        "Meridian Japan K.K.",
        _names("Haruka Kenji Yui Takumi Sakura Ren Aiko Daichi Mio Sota Nanami Hiroshi"),
        _names("Nakamura Watanabe Kobayashi Yamamoto Fujita Okada Matsui Inoue Shimizu Mori"),
    ),
    Site(
        "Shanghai",
        "Asia/Shanghai",
        "zh-Hans",
        "Meridian China Co., Ltd",
        _names("Wei Mei Jun Xiu Hao Lan Bin Yan Tao Min Qiang Ling"),
        _names("Zhang Liu Huang Zhao Wu Zhou Xu Sun Ma Gao Lin He"),
    ),
    Site(
        "Singapore",
        "Asia/Singapore",
        "en",
        "Meridian Asia Pte Ltd",
        _names("Kai Siti Hui-Min Ravi Nurul Jia-Hao Devi Marcus Farah Wei-Ling Arif Grace"),
        _names("Tan Rahman Lim Pillai Ong Ibrahim Goh Subramaniam Lee Wong Abdullah Chua"),
    ),
    Site(
        "Sydney",
        "Australia/Sydney",
        "en",
        "Meridian Pacific Pty Ltd",
        _names("Matilda Jarrah Lachlan Kirra Zoe Talia Noah Marlee Riley Tane Isla Mele"),
        _names("Nguyen Williams Taufa Murray Papadopoulos Kelly Robinson Tamihana Walker Singh"),
    ),
    Site(
        "Mexico City",
        "America/Mexico_City",
        "es",
        "Meridian México S.A. de C.V.",
        _names("Elena Ximena Santiago Citlali Mateo Guadalupe Emiliano Fernanda Joaquín Itzel"),
        _names("Hernández Cruz Ramírez Xochihua Morales Castañeda Rojas Mendoza Núñez Vargas"),
    ),
    Site(
        "Bogotá",
        "America/Bogota",
        "es",
        "Meridian Andina S.A.S.",
        _names("Valentina Andrés Camila Felipe Luisa Nicolás Yuliana Sebastián Paola Jhon"),
        _names("Gómez Quispe Restrepo Mosquera Ortiz Palacios Cárdenas Rincón Peña Córdoba"),
    ),
    Site(
        "São Paulo",
        "America/Sao_Paulo",
        "pt-BR",
        "Meridian Brasil Ltda",
        _names("Beatriz João Luana Thiago Aline Caio Jussara Rafael Yara Murilo Débora Iracema"),
        _names("Silva Araújo Ferreira Conceição Nakashima Ribeiro Assunção Lopes Teixeira Prado"),
    ),
    Site(
        "Toronto",
        "America/Toronto",
        "en",
        "Meridian Canada Inc.",
        _names("Winona Liam Priyanka Mohammed Sophie Tomasz Nokomis Ethan Giulia Simran Owen"),
        _names("Cardinal MacDonald Sidhu Chen Tremblay Rossi Whitecloud Brown Baptiste Kaur"),
    ),
    Site(
        "Austin",
        "America/Chicago",
        "en",
        "Meridian Works Inc.",
        _names("Grace Marcus Iris DeShawn Juno Caleb Lupe Harper Malik Autumn Diego Jasmine"),
        _names("Walker Begay Johnson Rivera Washington Nguyen Cooper Ramirez Brooks Tsosie"),
    ),
)

DEPARTMENTS = {
    "Engineering": ("Software Engineer", "Site Reliability Engineer", "Data Engineer"),
    "Product": ("Product Designer", "Product Manager", "User Researcher"),
    "Sales": ("Account Executive", "Solutions Consultant", "Sales Analyst"),
    "Customer Success": ("Support Specialist", "Customer Success Manager", "Trainer"),
    "Operations": ("Logistics Planner", "Plant Technician", "Quality Engineer"),
    "Finance": ("Controller", "Financial Analyst", "Payroll Specialist"),
    "People": ("Recruiter", "People Partner", "Learning Specialist"),
    "Legal": ("Counsel", "Compliance Analyst", "Privacy Analyst"),
}

TITLES = {
    1: "Junior {role}",
    2: "{role}",
    3: "Senior {role}",
    4: "Lead {role}",
    5: "{dept} Manager",
    6: "Senior {dept} Manager",
    7: "Director, {dept}",
    8: "Vice President, {dept}",
}
