"""config.yaml to frozen settings.

Rule: errors name file, line, key and the nearest valid key; nothing here touches the network.
"""
