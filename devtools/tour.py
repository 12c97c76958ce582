"""What ./dev run tells: who can log in, and a walk through the main job."""

from typing import NamedTuple


class Login(NamedTuple):
    name: str  # the password is the same
    role: str


PLAIN_LOGINS = [Login("admin", "administrator")]

DEMO_LOGINS = [
    Login("reception", "receptionist: takes enquiries in, and sees what came of them"),
    Login("exec", "support executive: makes service leads and broadcasts them"),
    Login("supervisor", "support supervisor: sees the team's leads, allocates by hand"),
    Login("admin", "administrator: services, partners, texts, settings"),
    Login("nimbus", "portal, Nimbus IT: a service partner, and who gets SMS there"),
    Login("sanjay", "portal, Nimbus IT: an executive who may not get SMS yet"),
    Login("verma", "portal, Verma & Sons: another service partner"),
]

# {url} and {mails} are filled in
TOUR = [
    "Log in as exec, choose CRM / Service Leads / New Service Lead, customer Asha"
    " Traders, service Data Rectification.",
    "Press Save & Broadcast, look at the candidates and why they were chosen, then"
    " Send.",
    "Read the offers that went out by mail: ls {mails}",
    "In a private window log in as nimbus at {url}/my, open the offer and accept it.",
    'Log in as verma instead: "This opportunity has been taken".'
    " Back as exec, the lead's messages name the winner.",
]

# goes on where the other ended, if there is an SMS gateway
SMS_TOUR = [
    "The same by SMS: broadcast another lead, and read what arrived on the partners'"
    " phones: ./dev phone",
    "Accept by forwarding one, as its text says: ./dev phone forward 1. The answer"
    " arrives on the same phone, and the lead has its winner.",
]
