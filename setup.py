"Hands the dependency lists of settings.ini to setuptools, and the notebooks to the wheel; everything else is in pyproject.toml."
import shutil
from configparser import ConfigParser
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

HERE = Path(__file__).parent
config = ConfigParser(delimiters=['='])
config.read(HERE / 'settings.ini', encoding='utf-8')
settings = config['DEFAULT']


def requirements(key: str) -> list[str]:
    "The requirement lines of one setting."
    return settings[key].split('\n')


class BuildWithCourse(build_py):
    "The package, and the notebooks of nbs as melodynb/course beside its modules; `melodynb notebooks` copies them from there."

    def course(self) -> dict[Path, Path]:
        "Each notebook, those of teachers and the solutions too, and where it goes."
        nbs = HERE / 'nbs'
        found = [page for folder in ('.', 'how_to', 'workshop', 'solutions') for page in sorted((nbs / folder).glob('*.ipynb'))]
        if not found: raise FileNotFoundError(f'{nbs} holds no notebooks, and the package would come without its course')
        return {page: Path(self.build_lib) / 'melodynb' / 'course' / page.relative_to(nbs) for page in found}

    def run(self) -> None:
        super().run()
        if self.editable_mode: return  # such an installation reads nbs itself
        shutil.rmtree(Path(self.build_lib) / 'melodynb' / 'course', ignore_errors=True)  # of an earlier build
        for page, place in self.course().items():
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(page, place)

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        return super().get_outputs(include_bytecode) + [str(place) for place in self.course().values() if not self.editable_mode]


setup(
    cmdclass={'build_py': BuildWithCourse},
    install_requires=requirements('requirements'),
    extras_require={'lab': requirements('lab_requirements'), 'smollm': requirements('smollm_requirements'),
                    'dev': requirements('dev_requirements')},
)
