"Hands the dependency lists of settings.ini to setuptools; everything else is in pyproject.toml."
from configparser import ConfigParser
from pathlib import Path

from setuptools import setup

config = ConfigParser(delimiters=['='])
config.read(Path(__file__).parent / 'settings.ini', encoding='utf-8')
settings = config['DEFAULT']


def requirements(key: str) -> list[str]:
    "The requirement lines of one setting."
    return settings[key].split('\n')


setup(
    install_requires=requirements('requirements'),
    extras_require={'lab': requirements('lab_requirements'), 'dev': requirements('dev_requirements')},
)
