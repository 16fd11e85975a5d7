from django.apps import AppConfig


class PeerExchangeConfig(AppConfig):
    name = "peer_exchange"
    label = "peer_exchange"
