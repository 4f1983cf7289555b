"""The relay: a Django project of its own that carries practices' sealed entries between their replicas, and can open none of them."""
