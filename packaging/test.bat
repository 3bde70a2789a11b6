@echo off
rem Checks style and types, then runs the tests; sets itself up in .venv if needed. Arguments go to pytest, which then runs alone.
setlocal
call "%~dp0find_python.bat"
if errorlevel 1 exit /b 1
"%python%" -E -s "%~dp0check.py" %*
